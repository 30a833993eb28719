//! A witness that is asked over HTTP (C2SP `tlog-witness.md`).
//!
//! There is nobody to recognise and nothing to keep secret: what a log has signed is all that
//! counts. Encryption on the way, and many slow clients, are the business of a web server before it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, Request, State},
    http::{Response, StatusCode, header::CONTENT_TYPE},
    routing::{get, post},
};
use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::{
    LedgerError,
    proof_file::{MAX_FILE, WitnessRequest},
    witness::{Witness, WitnessError},
};

/// How long a client may take to send a request's body.
const PATIENCE: Duration = Duration::from_secs(10);

/// So many requests are worked on at a time; others wait.
const AT_ONCE: usize = 64;

const TEXT: &str = "text/plain; charset=utf-8";

struct Service {
    witness: Arc<Witness>,
    room: Semaphore,
}

/// Answers `POST /add-checkpoint` and `GET /<origin hash>/checkpoint` at an address until the
/// process ends. `ready` is told the address, with the port that was chosen if none was given.
///
/// # Errors
/// The address cannot be listened at.
pub fn serve(witness: Witness, address: SocketAddr, ready: impl FnOnce(SocketAddr)) -> Result<(), LedgerError> {
    let failed = |source| LedgerError::Io { path: address.to_string(), source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
        ready(listener.local_addr().map_err(failed)?);
        let service = Arc::new(Service { witness: Arc::new(witness), room: Semaphore::new(AT_ONCE) });
        let router = Router::new()
            .route("/add-checkpoint", post(add_checkpoint))
            .route("/{hash}/checkpoint", get(checkpoint))
            .with_state(service);
        axum::serve(listener, router).await.map_err(failed)
    })
}

async fn add_checkpoint(State(service): State<Arc<Service>>, request: Request) -> Response<Body> {
    let Ok(_room) = service.room.acquire().await else { return plain(StatusCode::SERVICE_UNAVAILABLE, "") };
    let body = tokio::time::timeout(PATIENCE, to_bytes(request.into_body(), MAX_FILE as usize)).await;
    let body = match body {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large, or was cut\n"),
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "the body took too long\n"),
    };
    let witness = service.witness.clone();
    // Writing waits for the disk: not where other requests are read.
    let answered = tokio::task::spawn_blocking(move || {
        let request = WitnessRequest::parse(&body)?;
        witness.add_checkpoint(&request, Timestamp::now())
    });
    match answered.await {
        Ok(Ok(lines)) => respond(StatusCode::OK, TEXT, lines),
        Ok(Err(error)) => refuse(&error),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, ""),
    }
}

async fn checkpoint(State(service): State<Arc<Service>>, Path(hash): Path<String>) -> Response<Body> {
    let Ok(_room) = service.room.acquire().await else { return plain(StatusCode::SERVICE_UNAVAILABLE, "") };
    let witness = service.witness.clone();
    match tokio::task::spawn_blocking(move || witness.by_hash(&hash)).await {
        Ok(Ok(Some(head))) => respond(StatusCode::OK, TEXT, head.note().to_bytes()),
        Ok(Ok(None)) => plain(StatusCode::NOT_FOUND, ""),
        Ok(Err(_)) | Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, ""),
    }
}

fn refuse(error: &WitnessError) -> Response<Body> {
    let status = match error {
        WitnessError::UnknownLog { .. } => StatusCode::NOT_FOUND,
        WitnessError::NotTheLog { .. } => StatusCode::FORBIDDEN,
        WitnessError::OldSize { size, .. } => {
            return respond(StatusCode::CONFLICT, "text/x.tlog.size", format!("{size}\n").into_bytes());
        }
        WitnessError::Inconsistent { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        WitnessError::Smaller { .. }
        | WitnessError::Note(_)
        | WitnessError::Ledger(LedgerError::BadProofFile | LedgerError::BadCheckpoint | LedgerError::Note(_)) => {
            StatusCode::BAD_REQUEST
        }
        // What the disk says is nobody's business out there.
        _ => return plain(StatusCode::INTERNAL_SERVER_ERROR, ""),
    };
    plain(status, &format!("{error}\n"))
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    respond(status, TEXT, text.as_bytes().to_vec())
}

fn respond(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Response<Body> {
    let built = Response::builder().status(status).header(CONTENT_TYPE, kind).body(Body::from(body));
    built.unwrap_or_else(|_| Response::new(Body::empty()))
}
