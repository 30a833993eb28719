//! A chart of the growth, as SVG.

use std::path::Path;

use plotters::prelude::*;

use crate::growth::{CURVES, Point};

/// Draws every curve relative to its value at the fewest records: a flat line does not grow.
pub fn draw(points: &[Point], path: &Path) {
    let area = SVGBackend::new(path, (900, 520)).into_drawing_area();
    area.fill(&WHITE).unwrap();
    let most = points.last().unwrap().records as f64;
    let first = &points[0];
    let value = |point: &Point, name: &str| {
        (point.records as f64, point.figures[name].max(1) as f64 / first.figures[name].max(1) as f64)
    };
    let all = CURVES.iter().flat_map(|(name, _)| points.iter().map(|point| value(point, name).1));
    let (low, high) = all.fold((0.5, 2.0), |(low, high): (f64, f64), at| (low.min(at), high.max(at)));
    let mut chart = ChartBuilder::on(&area)
        .caption("Cost by number of records, relative to the smallest vault", ("sans-serif", 20))
        .margin(15)
        .x_label_area_size(45)
        .y_label_area_size(60)
        .build_cartesian_2d((first.records as f64..most).log_scale(), (low..high * 1.2).log_scale())
        .unwrap();
    chart.configure_mesh().x_desc("records").y_desc("times the cost at the smallest").draw().unwrap();
    for (at, (name, label)) in CURVES.iter().enumerate() {
        let colour = Palette99::pick(at).to_rgba();
        let line: Vec<(f64, f64)> = points.iter().map(|point| value(point, name)).collect();
        chart
            .draw_series(LineSeries::new(line.clone(), colour.stroke_width(2)))
            .unwrap()
            .label(*label)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(2)));
        chart.draw_series(line.into_iter().map(|at| Circle::new(at, 3, colour.filled()))).unwrap();
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK).draw().unwrap();
    area.present().unwrap();
}
