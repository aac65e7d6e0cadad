//! What is served where: the WebSockets, the health check, and for browsers the client.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Body,
    extract::{Request, State},
    http::{Response, StatusCode},
    routing::{any, get},
};
use undertone_server::core::Service;

use super::{
    listener::Peer,
    upgrade::{Front, upgrade},
    web::{Site, Web},
};

/// The routes of the public listener.
pub fn routes(front: Arc<Front>) -> Router {
    let socket = |service: fn() -> Service| {
        any(
            async move |State(front): State<Arc<Front>>,
                        Extension(peer): Extension<Peer>,
                        request: Request|
                        -> Result<Response<Body>, StatusCode> {
                upgrade(&front, service(), peer, request)
            },
        )
    };
    let web = Arc::new(Web::new(Site::built_in(), front.tls));
    Router::new()
        .route("/v1/account", socket(|| Service::Account))
        .route("/v1/queue", socket(|| Service::Queue))
        .route("/v1/send", socket(|| Service::Send))
        .route("/v1/link", socket(|| Service::Link))
        .route("/healthz", get(health))
        .fallback(async move |request: Request| {
            web.answer(request.method(), request.uri().path(), request.headers())
        })
        .with_state(front)
}

async fn health(State(front): State<Arc<Front>>) -> (StatusCode, &'static str) {
    if front.submitter.is_stopped() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopped\n")
    } else {
        (StatusCode::OK, "ok\n")
    }
}
