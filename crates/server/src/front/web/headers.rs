//! What a browser is told not to do with the client's files: the second wall, should the first have a hole.

use axum::http::{
    HeaderMap, HeaderValue,
    header::{
        CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
        X_CONTENT_TYPE_OPTIONS,
    },
};

/// Code and everything else come from this server alone; nothing inline, and no `eval` but WebAssembly's.
const SOURCES: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; \
    manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Powers of a browser that the client does not use are denied to it. Camera and microphone are for calls, and asked
/// for by the browser each time.
const POWERS: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(self), \
    clipboard-read=(), clipboard-write=(self), compute-pressure=(), cross-origin-isolated=(), display-capture=(), \
    encrypted-media=(), fullscreen=(self), gamepad=(), geolocation=(), gyroscope=(), hid=(), \
    identity-credentials-get=(), idle-detection=(), keyboard-map=(), local-fonts=(), magnetometer=(), \
    microphone=(self), midi=(), otp-credentials=(), payment=(), picture-in-picture=(), \
    publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), \
    sync-xhr=(), usb=(), window-management=(), xr-spatial-tracking=()";

/// Two years, as lists of preloaded hosts ask for.
const TLS_ONLY: &str = "max-age=63072000; includeSubDomains";

/// Sets what every answer carries; where clients speak TLS, that they must never do without it again.
pub fn protect(headers: &mut HeaderMap, tls: bool) {
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, SOURCES),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (HeaderName::from_static("permissions-policy"), POWERS),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if tls {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(TLS_ONLY),
        );
    }
}
