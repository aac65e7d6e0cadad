//! Linking a device: how far it is, what the two devices say to each other, and the commands of both their users.

use prost::Message as _;
use undertone_content::{content::check_name, proto as content};
use undertone_wire::{
    identity::{Capability, Certificate},
    ids::DeviceKey,
    limits::LINK_MINUTES,
    link::ServerUrl,
    signing::SecretKey,
    time::{MINUTE_MS, Timestamp},
};
use zeroize::Zeroizing;

use crate::{
    certify_device::certify,
    engine::Engine,
    error::{CommandError, EngineError},
    event::Event,
    join_account::join_account,
    link_channel::{Channel, EXCHANGE, Exchange, NotTheSame, Side},
    link_code::LinkCode,
};

/// The version of what the two say.
const VERSION: u32 = 1;

/// What sort of client a device runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// In a browser.
    Browser,
    /// On a command line.
    CommandLine,
    /// Something of a newer version.
    Other,
}

impl DeviceKind {
    pub(crate) fn number(self) -> u32 {
        match self {
            Self::Browser => 1,
            Self::CommandLine => 2,
            Self::Other => 0,
        }
    }

    pub(crate) fn numbered(number: u32) -> Self {
        match number {
            1 => Self::Browser,
            2 => Self::CommandLine,
            _ => Self::Other,
        }
    }
}

/// How much of what was said before goes to a new device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryChoice {
    /// Nothing.
    None,
    /// The last 30 days.
    Month,
    /// Everything.
    All,
}

impl HistoryChoice {
    pub(crate) fn number(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Month => 1,
            Self::All => 2,
        }
    }

    pub(crate) fn numbered(number: u32) -> Self {
        match number {
            1 => Self::Month,
            2 => Self::All,
            _ => Self::None,
        }
    }
}

/// Why linking failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFailure {
    /// Nobody shows this code now.
    NoSuchCode,
    /// The code was not the same on both sides, or somebody between tried to read along.
    WrongCode,
    /// The time of the code is over.
    Expired,
    /// The other device's user said no, or it went away.
    Declined,
    /// The server takes no more tries for a while.
    TooMany,
    /// The other device speaks another version.
    Version,
}

/// How far linking is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkStage {
    /// On the way to the server.
    Connecting,
    /// The code is shown; the other device has not come.
    Waiting,
    /// The two exchange keys.
    Meeting,
    /// On the existing device: its user decides whether this device may come.
    Asking {
        /// What the new device calls itself.
        name: String,
        /// What it runs.
        kind: DeviceKind,
    },
    /// On the new device: the other's user decides.
    Deciding,
    /// The new device is told what it is granted.
    Finishing,
    /// The devices belong to one account.
    Done,
    /// It came to nothing.
    Failed(LinkFailure),
}

/// Linking as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkView {
    /// Whether this is the device that is to be linked.
    pub new: bool,
    /// How far it is.
    pub stage: LinkStage,
    /// On the new device: the code to enter on the other.
    pub code: Option<String>,
    /// When the code's time is over.
    pub expires_at: Timestamp,
}

/// What the new device brings.
struct Newcomer {
    server: ServerUrl,
    device: SecretKey,
    name: String,
    kind: DeviceKind,
}

/// Linking that is under way, in memory alone.
pub(crate) struct Linking {
    newcomer: Option<Newcomer>,
    pub(crate) code: LinkCode,
    expires_at: Timestamp,
    pub(crate) stage: LinkStage,
    exchange: Option<Exchange>,
    channel: Option<Channel>,
    hello: Option<content::LinkHello>,
    /// What the new device is to be told once it can make use of it.
    grant: Option<Zeroizing<Vec<u8>>>,
}

impl Linking {
    pub(crate) fn is_new(&self) -> bool {
        self.newcomer.is_some()
    }

    /// Where the new device is to be linked.
    pub(crate) fn server(&self) -> Option<String> {
        let newcomer = self.newcomer.as_ref();
        newcomer.map(|newcomer| newcomer.server.as_str().to_owned())
    }

    /// Whether the key exchange is done and nobody has proved the code.
    pub(crate) fn awaits_proof(&self) -> bool {
        self.stage == LinkStage::Meeting && !self.is_new() && self.channel.is_some()
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.stage, LinkStage::Done | LinkStage::Failed(_))
    }

    fn fail(&mut self, why: LinkFailure) {
        if !self.is_over() {
            self.stage = LinkStage::Failed(why);
        }
        self.exchange = None;
        self.channel = None;
    }
}

impl Engine {
    /// Begins to link this device, which has no account, to one of `server`; the code to enter on a device of that
    /// account is in [`Engine::link_view`] once the server waits for it.
    ///
    /// # Errors
    /// [`CommandError`] if there is an account already, or the address or the name cannot be used.
    pub fn show_link_code(
        &mut self,
        server: &str,
        name: &str,
        kind: DeviceKind,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        if self.me.is_some() {
            return Err(CommandError::AccountExists);
        }
        check_name(name)?;
        let newcomer = Newcomer {
            server: ServerUrl::parse(server)?,
            device: SecretKey::random(&mut *self.rng),
            name: name.trim().to_owned(),
            kind,
        };
        let code = LinkCode::random(&mut *self.rng);
        self.begin_linking(Some(newcomer), code, now)
    }

    /// Meets the device that shows a code. [`Engine::link_view`] tells when there is something to decide.
    ///
    /// # Errors
    /// [`CommandError`] if there is no account, or this is no code.
    pub fn enter_link_code(&mut self, code: &str, now: Timestamp) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        let code = LinkCode::parse(code)?;
        self.begin_linking(None, code, now)
    }

    /// Lets the device come that asks: it becomes one of the account's, with all that they have in common.
    ///
    /// # Errors
    /// [`CommandError`] if none asks, or this device cannot certify one.
    pub fn approve_link(
        &mut self,
        history: HistoryChoice,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        let asking = self.linking.as_mut().filter(|linking| {
            matches!(linking.stage, LinkStage::Asking { .. }) && linking.channel.is_some()
        });
        let hello = asking.and_then(|linking| linking.hello.take());
        let hello = hello.ok_or(CommandError::NotNow("no device asks to be linked"))?;
        let grant = self.step(now, |step| certify(step, &hello, history))?;
        if let Some(linking) = &mut self.linking {
            linking.stage = LinkStage::Finishing;
            linking.grant = Some(Zeroizing::new(grant.encode_to_vec()));
        }
        self.work(now)?;
        Ok(())
    }

    /// Tells the new device what it is granted, once the directory knows it and the address stands at which it asks for
    /// its place: before that its tries would be in vain.
    pub(crate) fn send_grant(&mut self, now: Timestamp) {
        let ready = !self.survey.devices_due && !self.survey.aliases;
        let linking = self.linking.as_mut().filter(|_| ready);
        if let Some(grant) = linking.and_then(|linking| linking.grant.take()) {
            self.say_in_meeting(&grant, now);
        }
    }

    /// Gives up linking, or takes away what is shown of it once it is over.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn end_link(&mut self, now: Timestamp) -> Result<(), EngineError> {
        self.linking = None;
        self.pass(Event::Link);
        self.work(now)
    }

    /// Linking, if it is under way or has just ended.
    pub fn link_view(&self) -> Option<LinkView> {
        let linking = self.linking.as_ref()?;
        let shown = linking.is_new() && linking.stage == LinkStage::Waiting;
        Some(LinkView {
            new: linking.is_new(),
            stage: linking.stage.clone(),
            code: shown.then(|| linking.code.show()),
            expires_at: linking.expires_at,
        })
    }

    /// When something about linking is due.
    pub(crate) fn linking_wakes_at(&self) -> Option<Timestamp> {
        let linking = self.linking.as_ref().filter(|linking| !linking.is_over())?;
        let times = [self.meeting.wake_at(), self.meeting.retry_at()];
        let times = times.into_iter().flatten();
        times.chain([linking.expires_at]).min()
    }

    /// Ends linking whose time is over; tells whether a connection is still wanted for it.
    pub(crate) fn linking_goes_on(&mut self, now: Timestamp) -> bool {
        let Some(linking) = &mut self.linking else {
            return false;
        };
        if !linking.is_over() && linking.expires_at <= now {
            linking.fail(LinkFailure::Expired);
            self.pass(Event::Link);
            return false;
        }
        !linking.is_over()
    }

    pub(crate) fn fail_linking(&mut self, why: LinkFailure) {
        if let Some(linking) = &mut self.linking {
            linking.fail(why);
            self.pass(Event::Link);
        }
    }

    /// The place of the code is taken: the new device shows another.
    pub(crate) fn draw_another_code(&mut self) {
        let code = LinkCode::random(&mut *self.rng);
        if let Some(linking) = &mut self.linking {
            linking.code = code;
        }
    }

    pub(crate) fn linking_stands_at(&mut self, stage: LinkStage) {
        if let Some(linking) = &mut self.linking {
            linking.stage = stage;
            self.pass(Event::Link);
        }
    }

    /// The other has come: the new device speaks first.
    pub(crate) fn met(&mut self, now: Timestamp) {
        let rng = &mut *self.rng;
        let Some(linking) = &mut self.linking else {
            return;
        };
        if !linking.is_new() || linking.stage != LinkStage::Waiting {
            return;
        }
        let (exchange, message) = Exchange::begin(Side::New, &linking.code, rng);
        linking.exchange = Some(exchange);
        self.linking_stands_at(LinkStage::Meeting);
        self.pass_in_meeting(message, now);
    }

    /// Takes what the other device said.
    pub(crate) fn heard_in_meeting(
        &mut self,
        payload: &[u8],
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let Some(linking) = &self.linking else {
            return Ok(());
        };
        let heard = match (linking.is_new(), linking.stage.clone()) {
            (true, LinkStage::Meeting) => self.exchanged(payload, now),
            (true, LinkStage::Deciding) => return self.granted(payload, now),
            (false, LinkStage::Meeting) if linking.channel.is_none() => {
                self.answer_exchange(payload, now)
            }
            (false, LinkStage::Meeting) => self.introduced(payload),
            (false, LinkStage::Finishing) => self.opened_in_meeting(payload).map(|_| {
                self.linking_stands_at(LinkStage::Done);
            }),
            _ => Ok(()),
        };
        if heard.is_err() {
            self.fail_linking(LinkFailure::WrongCode);
        }
        Ok(())
    }

    fn begin_linking(
        &mut self,
        newcomer: Option<Newcomer>,
        code: LinkCode,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        if self
            .linking
            .as_ref()
            .is_some_and(|linking| !linking.is_over())
        {
            return Err(CommandError::NotNow("a device is being linked already"));
        }
        self.linking = Some(Linking {
            newcomer,
            code,
            expires_at: now.plus(LINK_MINUTES * MINUTE_MS),
            stage: LinkStage::Connecting,
            exchange: None,
            channel: None,
            hello: None,
            grant: None,
        });
        self.close(crate::io::Service::Link);
        self.pass(Event::Link);
        self.work(now)?;
        Ok(())
    }

    /// The existing device's turn in the key exchange. With it goes a first sealed message, which proves the code.
    fn answer_exchange(&mut self, payload: &[u8], now: Timestamp) -> Result<(), NotTheSame> {
        let rng = &mut *self.rng;
        let linking = self.linking.as_mut().ok_or(NotTheSame)?;
        let (exchange, mut message) = Exchange::begin(Side::Existing, &linking.code, rng);
        let mut channel = exchange.finish(payload)?;
        message.extend(channel.seal(b"code"));
        linking.channel = Some(channel);
        self.pass_in_meeting(message, now);
        Ok(())
    }

    /// The new device learns that the other has the same code, and says who it is.
    fn exchanged(&mut self, payload: &[u8], now: Timestamp) -> Result<(), NotTheSame> {
        let linking = self.linking.as_mut().ok_or(NotTheSame)?;
        let newcomer = linking.newcomer.as_ref().ok_or(NotTheSame)?;
        let exchange = linking.exchange.take().ok_or(NotTheSame)?;
        let (message, proof) = payload.split_at_checked(EXCHANGE).ok_or(NotTheSame)?;
        let mut channel = exchange.finish(message)?;
        channel.open(proof)?;
        let hello = content::LinkHello {
            version: VERSION,
            device_key: newcomer.device.public().to_vec(),
            name: newcomer.name.clone(),
            kind: newcomer.kind.number(),
        };
        linking.channel = Some(channel);
        self.linking_stands_at(LinkStage::Deciding);
        self.say_in_meeting(&hello.encode_to_vec(), now);
        Ok(())
    }

    /// The existing device learns who asks.
    fn introduced(&mut self, payload: &[u8]) -> Result<(), NotTheSame> {
        let hello = self.opened_in_meeting(payload)?;
        let hello = content::LinkHello::decode(hello.as_slice()).map_err(|_| NotTheSame)?;
        let usable = check_name(&hello.name).is_ok()
            && DeviceKey::try_from(hello.device_key.as_slice()).is_ok();
        if hello.version != VERSION || !usable {
            self.fail_linking(LinkFailure::Version);
            return Ok(());
        }
        let stage = LinkStage::Asking {
            name: hello.name.clone(),
            kind: DeviceKind::numbered(hello.kind),
        };
        if let Some(linking) = &mut self.linking {
            linking.hello = Some(hello);
        }
        self.linking_stands_at(stage);
        Ok(())
    }

    /// The new device takes what it is granted: from here on it is one of the account's, whatever happens.
    fn granted(&mut self, payload: &[u8], now: Timestamp) -> Result<(), EngineError> {
        let grant = match self.opened_in_meeting(payload) {
            Ok(grant) => content::LinkGrant::decode(grant.as_slice()),
            Err(NotTheSame) => {
                self.fail_linking(LinkFailure::WrongCode);
                return Ok(());
            }
        };
        let Some(newcomer) = self.linking.as_mut().and_then(|one| one.newcomer.take()) else {
            return Ok(());
        };
        let device = DeviceKey::new(newcomer.device.public());
        let certificate = grant.ok().and_then(|grant| {
            let certificate = Certificate::decode(&grant.certificate).ok()?;
            let fits = grant.version == VERSION
                && certificate.device_key == device
                && certificate.capability == Capability::Full;
            fits.then_some((grant, certificate))
        });
        let Some((grant, certificate)) = certificate else {
            if let Some(linking) = &mut self.linking {
                linking.newcomer = Some(newcomer);
            }
            self.fail_linking(LinkFailure::Version);
            return Ok(());
        };
        let (server, key) = (newcomer.server.clone(), newcomer.device.clone());
        if let Some(linking) = &mut self.linking {
            linking.newcomer = Some(newcomer);
        }
        if join_account(self, &server, &key, &grant, certificate, now)? {
            self.say_in_meeting(b"here", now);
            self.linking_stands_at(LinkStage::Done);
        } else {
            self.fail_linking(LinkFailure::Version);
        }
        Ok(())
    }

    fn opened_in_meeting(&mut self, payload: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotTheSame> {
        let channel = self.linking.as_mut().and_then(|one| one.channel.as_mut());
        channel.ok_or(NotTheSame)?.open(payload)
    }

    fn say_in_meeting(&mut self, message: &[u8], now: Timestamp) {
        let channel = self.linking.as_mut().and_then(|one| one.channel.as_mut());
        if let Some(sealed) = channel.map(|channel| channel.seal(message)) {
            self.pass_in_meeting(sealed, now);
        }
    }
}
