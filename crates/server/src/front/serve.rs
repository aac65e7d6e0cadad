//! The server from its start to its end.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rand_core::{CryptoRngCore, OsRng};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::{oneshot, watch},
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;
use undertone_server::core::{Core, CoreSettings, Location, OpenError, RegistrationPolicy};
use undertone_wire::time::Timestamp;

use super::{
    command::Registration,
    control::Control,
    data_folder::{DataFolder, DataFolderError},
    listener, metrics, routes,
    settings::{Settings, TlsFiles},
    submit::{Command, Submitted, Submitter, WAITING_BYTES, submission},
    tls::{self, TlsError},
    upgrade::Front,
    writer::Writer,
};

/// The core does a small piece of what is due at each call.
const MAINTENANCE: Duration = Duration::from_secs(1);

/// Why the server did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] DataFolderError),
    /// Certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// An address cannot be served at.
    #[error("the address {0} cannot be listened at")]
    Listen(SocketAddr, #[source] io::Error),
    /// The stores cannot be opened.
    #[error("the stores cannot be opened")]
    Open(#[source] OpenError),
    /// The system lacks something.
    #[error("the system does not give what the server needs")]
    System(#[source] io::Error),
    /// The writer thread ended by itself.
    #[error("the writer ended; what was answered is stored")]
    WriterEnded,
}

/// The time.
pub fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = elapsed.unwrap_or_default().as_millis();
    Timestamp(u64::try_from(ms).unwrap_or(u64::MAX))
}

/// The randomness of the core.
pub fn randomness() -> Box<dyn CryptoRngCore + Send> {
    Box::new(OsRng)
}

/// The part of the settings that the core decides by.
pub fn core_settings(settings: &Settings) -> CoreSettings {
    CoreSettings {
        registration: match settings.registration {
            Registration::Open => RegistrationPolicy::Open,
            Registration::Invite => RegistrationPolicy::Invite,
            Registration::Closed => RegistrationPolicy::Closed,
        },
        tokens_per_day: settings.tokens_per_day,
        ..CoreSettings::default()
    }
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// [`ServeError`] says why the server did not start, or did not go on.
pub fn serve(settings: &Settings) -> Result<(), ServeError> {
    let folder = DataFolder::open(&settings.data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ServeError::System)?;
    let served = runtime.block_on(serve_from(&folder, settings));
    // Connections that did not leave in time are left behind; the writer is done.
    runtime.shutdown_background();
    served
}

async fn serve_from(folder: &DataFolder, settings: &Settings) -> Result<(), ServeError> {
    raise_open_files();
    let mut signals = Signals::new().map_err(ServeError::System)?;
    let reloaded = settings
        .tls
        .as_ref()
        .map(tls::load)
        .transpose()?
        .map(watch::Sender::new);
    let listener = bind(settings.listen).await?;
    let address = listener.local_addr().map_err(ServeError::System)?;
    let metrics_listener = match settings.metrics {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let control = Control::listen(folder.path()).inspect_err(|_| {
        tracing::warn!("the control socket cannot be made in the data folder (its path may be too long): invites can be made only while the server does not run");
    });

    let (submitter, submitted) = submission(WAITING_BYTES);
    let (writer, mut writer_ended) = start_writer(folder, settings, submitted)?;
    let front = Arc::new(Front::new(
        submitter.clone(),
        settings.behind_proxy,
        settings.clients_speak_tls(),
    ));
    let closing = CancellationToken::new();
    tokio::spawn(listener::accept(
        listener,
        reloaded.as_ref().map(watch::Sender::subscribe),
        routes::routes(Arc::clone(&front)),
        Arc::clone(&front.counts),
        closing.clone(),
    ));
    let metrics_address = metrics_listener
        .as_ref()
        .and_then(|at| at.local_addr().ok());
    if let Some(listener) = metrics_listener {
        let routes = metrics::routes(Arc::clone(&front));
        tokio::spawn(async move { axum::serve(listener, routes).await });
    }
    let control = control.map(|control| tokio::spawn(control.serve(submitter.clone())));
    let maintenance = tokio::spawn(maintain(front.submitter.clone()));
    folder.announce(address)?;
    tracing::info!(
        listen = %address,
        tls = settings.tls.is_some(),
        registration = ?settings.registration,
        metrics = metrics_address.map(tracing::field::display),
        "serving; the keys that are kept outside the databases lie beside them in the data folder, so whoever takes the folder has both"
    );

    let ended = loop {
        tokio::select! {
            asked = signals.next() => match asked {
                Asked::Reload => reload(settings.tls.as_ref(), reloaded.as_ref()),
                Asked::End => break Ok(()),
            },
            _ = &mut writer_ended => break Err(ServeError::WriterEnded),
        }
    };
    tracing::info!("shutting down");
    folder.withdraw();
    closing.cancel();
    maintenance.abort();
    if let Ok(control) = control {
        control.abort();
    }
    ended?;
    // If the writer is gone by now, there is nobody to wait for.
    let _ = submitter.tell(Command::GoAway);
    front.tasks.close();
    let left = timeout(settings.shutdown, front.tasks.wait()).await;
    let _ = submitter.tell(Command::Stop);
    let _ = writer_ended.await;
    let _ = writer.join();
    tracing::info!(in_time = left.is_ok(), "shut down");
    Ok(())
}

/// Opens the core on its own thread, the only one that ever touches it.
fn start_writer(
    folder: &DataFolder,
    settings: &Settings,
    submitted: Submitted,
) -> Result<(thread::JoinHandle<()>, oneshot::Receiver<()>), ServeError> {
    let location = Location::Folder(folder.path().to_owned());
    let core = Core::open(&location, core_settings(settings), randomness(), now())
        .map_err(ServeError::Open)?;
    let writer = Writer::new(core, now, submitted);
    let (ended, has_ended) = oneshot::channel();
    let thread = thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || {
            // Dropped when the thread ends, by a fault as well.
            let _ended = ended;
            writer.run();
        })
        .map_err(ServeError::System)?;
    Ok((thread, has_ended))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| ServeError::Listen(address, error))
}

async fn maintain(submitter: Submitter) {
    let mut ticks = interval(MAINTENANCE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if submitter.tell(Command::Maintain).is_err() {
            return;
        }
    }
}

/// Reads certificate and key again; those in force stay if the new ones are not in order.
fn reload(files: Option<&TlsFiles>, config: Option<&watch::Sender<Arc<ServerConfig>>>) {
    let (Some(files), Some(config)) = (files, config) else {
        return;
    };
    match tls::load(files) {
        Ok(new) => {
            config.send_replace(new);
            tracing::info!("certificate and key are read again");
        }
        Err(error) => {
            tracing::error!(%error, "certificate and key are not in order; those read before stay in force");
        }
    }
}

/// Every connection is an open file: takes as many as the system gives without asking anybody.
fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if setrlimit(Resource::Nofile, limit).is_err() {
        tracing::warn!(
            "the number of open files, and so of connections, stays at the system's default"
        );
    }
}

/// What the operator asks by a signal.
enum Asked {
    Reload,
    End,
}

struct Signals {
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }
    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.hangup.recv() => Asked::Reload,
            _ = self.interrupt.recv() => Asked::End,
            _ = self.terminate.recv() => Asked::End,
        }
    }
}
