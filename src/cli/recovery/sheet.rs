//! The sheet to print: a page for each share.

use qrcode::{EcLevel, QrCode, render::svg};
use zeroize::Zeroizing;

use super::split::About;
use crate::{
    cli::{
        error::{CliError, CliResult},
        i18n::tr,
    },
    crypto::slip39::Share,
    vault::Dealt,
};

const STYLE: &str = "body{font-family:sans-serif;margin:2cm}section{break-after:page}\
                     ol{columns:3;font-family:monospace;font-size:13pt;line-height:1.7}svg{width:6cm;height:6cm}\
                     p{margin:.2em 0}.line{margin-top:1.2cm;border-bottom:1px solid}";

/// Room for one page, so that the text does not grow, which would leave copies of it behind.
const PAGE: usize = 96 * 1024;

/// What stands above the words.
pub fn head(dealt: &Dealt, share: &Share, about: &About) -> Vec<String> {
    let paper = &dealt.paper;
    vec![
        tr!("sheet-title", number = share.index + 1, shares = paper.shares, group = &paper.group),
        tr!("sheet-vault", name = &about.centre, vault = &about.vault),
        tr!("sheet-key", epoch = paper.epoch, set = paper.set.to_string(), entry = dealt.entry.to_string()),
        tr!("sheet-by", by = &about.by, time = &about.time),
        tr!("sheet-threshold", threshold = paper.threshold, shares = paper.shares),
        String::new(),
    ]
}

/// The whole document. It needs nothing from the network.
pub fn html(dealt: &Dealt, about: &About) -> CliResult<Zeroizing<String>> {
    let mut out = Zeroizing::new(String::with_capacity(PAGE * (dealt.shares.len() + 1)));
    out.push_str("<!doctype html><meta charset=\"utf-8\"><title>amanah</title><style>");
    out.push_str(STYLE);
    out.push_str("</style>\n");
    for share in &dealt.shares {
        let words = share.words();
        let code = QrCode::with_error_correction_level(words.as_bytes(), EcLevel::M)
            .map_err(|error| CliError::Defect { place: error.to_string() })?;
        let code = Zeroizing::new(code.render::<svg::Color<'_>>().min_dimensions(200, 200).build());
        // Only the drawing: the declaration before it has no place within HTML.
        let code = code.find("<svg").map_or(code.as_str(), |at| &code[at..]);
        out.push_str("<section>\n");
        for (at, line) in head(dealt, share, about).iter().filter(|line| !line.is_empty()).enumerate() {
            let (open, close) = if at == 0 { ("<h1>", "</h1>\n") } else { ("<p>", "</p>\n") };
            out.push_str(open);
            out.push_str(&escaped(line));
            out.push_str(close);
        }
        out.push_str("<ol>");
        for word in words.split(' ') {
            out.push_str("<li>");
            out.push_str(word);
        }
        out.push_str("</ol>\n");
        out.push_str(code);
        out.push_str("\n<p>");
        out.push_str(&escaped(&tr!("sheet-keep", group = &dealt.paper.group)));
        out.push_str("</p>\n<p class=\"line\">");
        out.push_str(&escaped(&tr!("sheet-holder")));
        out.push_str("</p>\n</section>\n");
    }
    Ok(out)
}

/// Text of a charter within HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crypto::{random::SystemRandom, slip39},
        vault::item::{PaperItem, PaperWhat},
    };

    #[test]
    fn every_page_has_its_share_and_nothing_acts() {
        let shares = slip39::split(&[7; 32], 2, 3, &mut SystemRandom::new()).unwrap();
        let paper = PaperItem {
            what: PaperWhat::Split,
            group: "kpai/reviewers".into(),
            epoch: 2,
            threshold: 2,
            shares: 3,
            set: shares[0].identifier,
        };
        let about = About {
            centre: "<script>alert(1)</script>".into(),
            vault: "v".into(),
            time: "t".into(),
            by: "kpai/ani".into(),
        };
        let html = html(&Dealt { paper, entry: 7, shares: shares.clone() }, &about).unwrap();
        assert!(html.len() < PAGE * 4, "{}", html.len());
        assert!(!html.contains("<script") && !html.contains("http-equiv") && !html.contains("src="));
        let pages: Vec<&str> = html.split("<section>").skip(1).collect();
        for (page, share) in pages.iter().zip(&shares) {
            let words: Vec<&str> = page.split("<li>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
            assert_eq!(words.join(" "), *share.words());
            assert_eq!(page.matches("<svg").count(), 1);
        }
        assert_eq!(pages.len(), 3);
    }
}
