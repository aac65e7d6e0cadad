# The words of the page. Plain, kind, exact; present tense; no blame.

## Everywhere
loading = Opening your messages…
skip-to-main = To the conversation
go-back = Back
cancel = Cancel
close = Close
save = Save
share = Share
not-now = Not now
why = Why we recommend this
try-again = Try again
copied = Copied.
copy-failed = This browser does not let the page copy. Select the text and copy it yourself.
day-today = Today
day-yesterday = Yesterday

## First run
welcome-title = Write to people you trust
welcome-lead = No phone number, no email, no address book. A name is all it takes.
welcome-invited = Somebody gave you their link. Once you have an account, you can write to them.
welcome-name = Your name
welcome-name-hint = Only people you talk with see it. You can change it at any time.
welcome-name-missing = Write a name first. Any name will do.
welcome-invite = Invite code
welcome-invite-wanted = This server wants an invite code. Ask whoever runs it for one.
welcome-closed = This server takes no new accounts. Ask whoever runs it, or use another server.
welcome-device-code = The code that you opened belongs to a new device. Open it on a device on which you use your account already.
welcome-create = Create account
welcome-again = Try again
welcome-promise-sealed = All you write is end-to-end encrypted, always.
welcome-promise-nobody = The server cannot tell who talks to whom.
welcome-promise-here = Your account lives in this browser, with the server { $host }.

## The list
chats = Chats
chat-notes = Note to self
chat-adding = Following their link
chat-failed = A link that did not work
chat-unnamed = No name yet
find-open = Find
settings-open = Settings
new-chat = New chat
request-row = Message request
request-row-preview = Somebody asks to write to you
invitation-row = Invitation to a group
invitation-row-preview = { $count ->
    [one] { $name } invites you to a group of 1 person
   *[other] { $name } invites you to a group of { $count } people
}
group-unnamed = Group
preview-from = { $name }: { $text }
preview-blocked = Blocked
preview-failed = Their link did not work
preview-broken = This group cannot go on
preview-typing = writing…
preview-draft = Draft: { $text }
preview-adding = Waiting for the way to them
preview-notes = How things work here
preview-empty = Say hello
verified = Verified
unread-count = { $count ->
    [one] 1 unread message
   *[other] { $count } unread messages
}
list-alone = People appear here once you have exchanged a link.
list-alone-action = Start a chat
line-connecting = Connecting…
line-offline = Offline. What you write is kept and sent later.
release-waiting = A new version is ready.
release-take = Use it now
release-refused = The server offers a version of this page that is not signed as it should be. It was not taken; you go on with the one you have. Tell whoever runs the server.

## Empty places
empty-title = Choose a chat
empty-body = Everything here is end-to-end encrypted. Only you and the people you write to can read it.
empty-action = Start a new chat
gone-title = Nothing is here
gone-body = What this address leads to is not in this browser, or no longer.
gone-action = Show my chats

## A conversation
messages = Messages
message = Message
message-placeholder = Message
mentions = People to mention
send = Send
to-newest = To the newest message
unread-line = New messages
typing = { $name } is writing…
typing-group = Somebody is writing…
beginning = This is the beginning of your conversation with { $name }. Only the two of you can read it.
beginning-unnamed = This is the beginning of your conversation. Only the two of you can read it.
beginning-group = This is where the group begins for you. Only the people in it can read what is written here.
by-you = You:
by = { $name }:
mark-queued = Waiting to be sent
mark-sent = Sent
mark-delivered = Delivered
mark-read = Read
mark-failed = Not sent
failed-line = Not sent. It is kept here.
message-newer = This was written with a newer version. Update to see it.
head-notes = Only you can read this
head-adding = What you write waits until the way to them is found
head-failed = Their link did not work
head-broken = This group cannot go on
head-blocked = Blocked
head-joining = This device is being added
head-active = End-to-end encrypted
head-group = { $count ->
    [one] 1 person, end-to-end encrypted
   *[other] { $count } people, end-to-end encrypted
}
# The same where there is little room.
head-group-short = { $count ->
    [one] 1 person, encrypted
   *[other] { $count } people, encrypted
}
head-left = You have left
head-removed = You were removed
head-dissolved = Ended
foot-blocked = You have blocked this person. Neither of you can write to the other here.
foot-failed = Their link did not work: { $reason } Ask them for another one and add it. What you wrote stays here.
foot-failed-action = Add another link
foot-broken = This group cannot go on here. If somebody broke it, the device of an admin makes it anew by itself, mostly within a few minutes; as an admin you can do it now. If this device was away for too long, ask somebody in the group to add you again. What was said stays.
foot-left = You have left this group. What was said before stays here.
foot-removed = You were removed from this group. What was said before stays here.
foot-dissolved = This group was ended for everybody. What was said stays here.
foot-admins-only = Only admins write in this group.
composer-left = { $count ->
    [one] 1 byte left
   *[other] { $count } bytes left
}
composer-over = { $count ->
    [one] 1 byte too long. Send it in two messages.
   *[other] { $count } bytes too long. Send it in several messages.
}
emoji-open = Emoji
emoji-title = Emoji
emoji-find = Find an emoji
details = Details
details-open = Details
details-close = Close details

## Note to self
steps-title = How things work here
steps-notes = This is a conversation with yourself. Keep notes, links and drafts in it: nobody else can read them.
steps-example = A message of yours looks like this.
steps-marks = In other conversations, a mark shows how far it has come:
steps-queued = It waits on this device, and goes out by itself.
steps-sent = The server holds it, sealed.
steps-delivered = It is on their device.
steps-read = They have seen it.
steps-link-title = Let somebody write to you
steps-link = Give them this link, or let them scan the code. You decide about each request before you see anything of theirs, and before they learn anything of you.
steps-next = Has somebody given you their link?
steps-next-action = Add it

## Links
my-link = My contact link
copy-my-link = Copy my link
my-link-about = Whoever has this link can ask to write to you. You can reset it at any time.
once-link = Link for one person
copy-once-link = Copy this link
once-link-about = Works once, for 7 days. Whoever uses it first is accepted at once: give it only to the person it is for.
once-link-make = Make a link for one person
link-reset = Reset my link
link-reset-title = Reset your link?
link-reset-body = The link you have given out so far stops working. People you already talk with are not affected.
link-reset-do = Reset the link
link-was-reset = This is your new link. The old one leads nowhere.
link-not-ready = This link begins to work as soon as the server is reached.
qr-label = QR code of this link
new-theirs-title = Write to somebody
new-theirs = Paste the link that they gave you. Adding somebody by their link makes sure that it is really them.
new-mine-title = Let somebody write to you
new-mine = Share your link, or let them scan the code.
contact-link = Contact link
add = Add
prompt-title = Write to the owner of this link?
prompt-body = They get a request from you. They see your name once they accept.
prompt-write = Write to them

## Requests
request-title = Message request
request-lead = Somebody asks to write to you.
request-by-link = They used your contact link.
request-by-once = They used a link for one person.
request-by-contact = They are somebody you knew before.
request-when = It arrived on { $when }.
request-nothing-shown = Nothing of theirs is shown before you decide: no name, no picture, no text. They are told nothing either.
request-choices = If you delete it, they can ask again. If you block them, they cannot. Neither tells them anything.
request-deleted = The request is deleted.
request-blocked = They are blocked.
accept = Accept
delete = Delete
block = Block

## A contact
safety-number = Safety number
safety-is-verified = You have compared safety numbers. It is really them.
safety-is-not-verified = Not compared yet.
safety-open = Compare safety number
safety-why = Adding somebody by their link already makes sure that it is them, if the link came from them. Comparing the number by voice or face to face rules out that somebody changed the link on its way.
safety-lead = Compare these numbers with { $name }, face to face or by voice.
safety-speak = Read aloud
safety-stop = Stop
safety-how = One of you reads, the other follows. All twelve groups have to be the same on both sides.
safety-mark = They are the same: mark as verified
safety-unmark = Take the mark back
safety-marked = Marked as verified.
safety-unmarked = The mark is taken back.
safety-verified-line = You have verified { $name }.
safety-differs = If they differ, do not send anything sensitive, and ask them for a new link another way.
encryption = Encryption
encryption-body = Messages are sealed on this device and opened only on theirs. The server passes them on without knowing who writes to whom.
encryption-notes = These notes are encrypted on this device, and are never sent to anybody.
encryption-group = Messages are sealed on this device and opened only by the people in this group. The server passes them on without knowing who they are. Whoever comes later cannot read what was said before, and whoever is gone cannot read what is said after.
encryption-keys = { $count ->
    [one] The keys have changed once.
   *[other] The keys have changed { $count } times.
}
encryption-keys-when = { $count ->
    [one] The keys have changed once, on { $when }.
   *[other] The keys have changed { $count } times, last on { $when }.
}
encryption-people = Who can read
encryption-person = { $count ->
    [one] { $name }, with 1 device
   *[other] { $name }, with { $count } devices
}
encryption-device-before = a device that was here before this one
encryption-device-since = a device that came on { $when }
encryption-state = Compare what you see
encryption-state-body = Everybody who sees the same conversation has the same letters and digits here until the keys change again. If somebody has others at the same time, somebody is showing you different ones.
encryption-terms = The exact terms
encryption-terms-body = Messaging Layer Security (RFC 9420) with a hybrid post-quantum key exchange (X-Wing: X25519 and ML-KEM-768). Every message is signed by the device that wrote it.
block-heading = Block
block-about = Blocking ends this conversation on your side. They are not told.
block-is = You have blocked this person.
block-title = Block { $name }?
block-body = You get no more messages from them, and they are not told. You can unblock them later; what they wrote meanwhile does not arrive.
block-do = Block
block-done = They are blocked.
unblock = Unblock
unblock-done = You can write to each other again.

## Groups
new-group = New group
new-group-about = Talk with several people you already write with.
new-group-lead = You govern the group that you make: you decide who comes into it, and who may do what.
group-title = Name of the group
group-title-missing = Give the group a name first.
group-create = Create group
group-description = What it is for
group-edit-title = Change name
group-edit-description = Change description
group-my-name = Your name here
group-my-name-usual = People here see your usual name.
group-my-name-other = People here see the name { $name }.
group-my-name-field = Your name in this group (empty: the usual one)
group-edit-my-name = Use another name here
group-people = { $count ->
    [one] 1 person
   *[other] { $count } people
}
group-members = People in this group
group-add = Add people
group-add-about = They read what is written from then on, and nothing from before. Whoever wants to be asked first gets an invitation.
group-rules = Who may do what
group-leave = Leave group
group-renew = Found it anew
group-leave-about = Nobody but admins is told that you leave.
group-leave-title = Leave “{ $title }”?
group-leave-body = You get nothing more that is written there, and cannot write. What was said stays in this browser. To come back, somebody has to add you.
group-end = End group for everybody
group-end-title = End “{ $title }” for everybody?
group-end-body = Nobody can write there any more, and it cannot be begun again. What was said stays with all who have it.
people-choose = People
people-find = Find somebody
people-none = Nobody to show here.
people-more = { $count ->
    [one] 1 more; find them by their name.
   *[other] { $count } more; find them by their names.
}
member-unnamed = Somebody
member-me = (you)
member-admin = Admin
member-adding = Being added…
member-removing = Being removed…
member-is = They read and write in this group.
member-is-admin = They govern this group.
member-is-coming = They are in the group as soon as they can be reached.
member-gone = Not in this group any more
member-write = Write to them alone
member-make-admin = Make admin
member-no-admin = No admin any more
member-remove = Remove from the group
member-remove-about = Whoever is removed cannot read what is written afterwards. What they have read stays with them.
rule-send = write
rule-edit = change name and description
rule-add = add people
rule-pin = pin messages
rule-mention-all = mention everybody
rule-everybody = Everybody can { $text }.
rule-admins = Only admins can { $text }.
rule-change = Change
rule-allow = Change: let everybody { $text }
rule-restrict = Change: let only admins { $text }
invitation-lead = { $count ->
    [one] { $name } invites you to a group of 1 person.
   *[other] { $name } invites you to a group of { $count } people.
}
invitation-nothing-shown = Nothing more of the group is known before you decide: not its name, and not who is in it.
invitation-choices = If you accept, everybody in the group sees your name. If you decline, only the one who invites you is told.
invitation-accepted = Accepted. The group appears here as soon as you are added.
invitation-declined = The invitation is declined.
decline = Decline

## What changed in a group. $by is who did it, $about is about whom; $own and $me are "yes" where that is the user, for
## languages in which the sentence is another then.
changes = { $count } changes
change-by-you = You
change-about-you = you
change-founded = { $by } made this group
change-joined = { $by } added you
change-added = { $by } added { $about }
change-removed = { $by } removed { $about }
change-left = { $about } left; only admins are told
change-left-myself = You left this group
change-removed-myself = { $by } removed you
change-title = { $by } named the group “{ $text }”
change-description = { $by } described the group: { $text }
change-no-description = { $by } took the description away
change-admin = { $by } made { $about } an admin
change-no-admin = { $by } made { $about } no admin any more
change-allowed = { $by } let everybody { $text }
change-restricted = { $by } let only admins { $text }
change-dissolved = { $by } ended this group
change-refused = Something of { $about } was refused: the rules of this group do not allow it
change-not-allowed = A change of yours was not made: it is not allowed to you any more
change-impossible = A change of yours was not made: it is not possible
change-unreachable = { $about } could not be added: they cannot be reached. Ask them to write to you.
change-invited = { $about } is asked whether they want to be added
change-declined = { $about } does not want to be added
change-renewed = { $by } made this group anew; it goes on here
change-own-device-linked = You use one more device: { $text }. If that was not you, sign it out now, in Settings, Devices.
change-own-device-removed = Your device { $text } was signed out.
change-device-added = { $me ->
    [yes] You use one more device
   *[no] { $about } uses one more device
}
change-readded = A device of { $about } had fallen behind and was added again
change-readded-myself = This device had fallen behind and was added again. What was written in the meantime is not here.
change-forked = { $about } and you do not see the same conversation: somebody may be showing you different ones. Write nothing that matters here. Ask { $about } in another way, and make a new group.
change-device-removed = { $me ->
    [yes] You use one device less
   *[no] { $about } uses one device less
}

## Finding
find-title = Find
find-field = Find chats and messages
find-results = Results
find-nothing = Nothing here contains “{ $words }”.

## Keys
keys-title = Keyboard
keys-find = Find a chat or a message
keys-step = The chat above or below
keys-send = Send
keys-line = A new line
keys-back = One step back
keys-this = This list

## Settings
settings = Settings
settings-profile = Profile
settings-appearance = Appearance
settings-appearance-about = Light or dark, size of text
settings-devices = Devices
settings-devices-about = Where you use this account, and linking one more
settings-device = This browser
settings-device-about = What this browser keeps, and how it is protected
settings-about = About
settings-about-about = Version, how to check it, licence
devices-about = Every device here reads and writes everything, and any of them can link or sign out the others.
devices-list = Devices
devices-why = Look at this list now and then. Whoever holds a device that is in it reads all that you read. If there is one that you do not know, sign it out at once; it cannot come back by itself.
devices-root = Each of your devices holds the key of your account, by which new ones are linked. Whoever takes one of them unlocked can link a device of theirs. You would see it here, and in Note to self.
device-unnamed = A device without a name
browser-on = { $browser } on { $system }
browser-unknown = Browser
device-here = This device
device-active = Last active on { $day }
device-active-today = Active today
device-coming = Not seen yet
device-about-browser = In a browser, linked on { $day }
device-about-command-line = On a command line, linked on { $day }
device-about-other = Linked on { $day }
device-rename = Rename { $name }
device-rename-do = Rename
device-name = Name of the device
device-name-about = Only your own devices see it.
device-sign-out = Sign out
device-sign-out-title = Sign out { $name }?
device-sign-out-body = It stops receiving at once, is put out of every conversation, and deletes all that it holds as soon as it next connects. What is unsent on it is lost. To use it again, link it anew.
device-sign-out-do = Sign it out
device-signed-out = Signed out. Your conversations are being locked against it.
transfers-title = Earlier messages brought over
transfers-about = When messages from before went to another of yours, or came from one.
transfer-to = To { $name }
transfer-from = From { $name }
transfer-under-way = On its way
transfer-done = Done
transfer-cancelled = Stopped
transfer-count = { $count ->
    [one] { $done } of { $total } message, { $size }
   *[other] { $done } of { $total } messages, { $size }
}
link-this = Use an account that you have
link-this-title = Link this device
link-step-open = On a device that you use already, open Settings, Devices, Link a device.
link-step-enter = Enter this code there, or point its camera at the picture.
link-qr = The code as a picture
link-code-label = Code for your other device
link-minutes = { $count ->
    [one] Can be used for 1 more minute, once.
   *[other] Can be used for { $count } more minutes, once.
}
link-new-code = Show a new code
link-connecting = Asking the server for a place to meet…
link-deciding = Answer on your other device.
link-finishing = Telling the new device what it needs…
link-here-done = This device is linked. Your conversations come one after another.
link-under-way = The two devices are agreeing on a key…
link-device = Link a device
link-device-how = On the new device, choose “Use an account that you have”. It shows a code.
link-device-code = Code
link-device-next = Next
link-asks = { $name } wants to be linked.
link-asks-about = It can read and write everything that you can, and link and sign out devices. Until you set a PIN or recovery key, it also holds your account’s key.
link-approve = Link this device
link-not-mine = Not mine
link-done = Linked. Keep this page open while your conversations go over to it.
link-done-about = Other people see in your conversations that you use one more device.
history-title = Messages from before
history-all = All of them
history-month = The last 30 days
history-none = None
link-no-such-code = { $new ->
    [yes] No device answers to this code any more.
   *[no] No device shows this code now. Look at it again, or show a new one on the new device.
}
link-wrong-code = { $new ->
    [yes] Another code was entered. This one is worth nothing now.
   *[no] This was not the code of the new device. It is worth nothing now: show a new one there.
}
link-expired = { $new ->
    [yes] The time of this code is over.
   *[no] The time of this code is over. Show a new one on the new device.
}
link-declined = { $new ->
    [yes] The other device said no, or went away.
   *[no] The new device went away. Show a new code on it.
}
link-too-many = Too many tries from your network. Wait a minute and try again.
link-version = The other device runs another version. Update both and try again.
joining-outside = Waiting for your other device to let this one in. Keep it open.
joining-chats = { $count ->
    [one] { $done } of { $total } conversation is here.
   *[other] { $done } of { $total } conversations are here.
}
joining-history = History: { $done } of { $total } messages.
foot-joining = This device is not in this conversation at the moment and is being added. What you write is sent then.
signed-out-title = Signed out
signed-out-body = This device was signed out from another of your devices on { $when }. Nothing is left on it.
signed-out-about = Your account and your conversations are on your other devices as before. You can link this one to them anew.
signed-out-begin = Start anew
profile-about = People you talk with see this name. Strangers do not, until you accept each other.
profile-saved = Saved. People you talk with are told.
added-title = Groups
added-at-once = My contacts can add me to groups
added-asked = Ask me first
added-about = Nobody else can add you to a group. If you are asked first, you learn who invites you and how many people are in the group.
theme = Light or dark
theme-system = As the system has it
theme-light = Light
theme-dark = Dark
theme-about = This is kept in this browser only.
size = Size of text
size-percent = { $percent } %
size-about = Everything grows with the text.
device-stored-title = What is kept here
device-stored = Your account, your conversations and your drafts are kept in this browser, in an encrypted database that no other site can open. The server has no copy that it could read.
device-key-title = How it is protected
device-key = The database is encrypted with a key that this browser holds and does not give out, not even to this page.
device-key-not = This does not protect you from somebody who can use this browser as you: who sits at the unlocked computer, or controls it with software. Lock your computer, and do not use Undertone on one that belongs to somebody you do not trust.
device-keep-title = So that nothing is lost
device-keep-is = This browser has promised not to delete your messages by itself. If you clear the data of this site, your account is gone.
device-keep-is-not = This browser may delete the data of sites when its disk is full. If you clear the data of this site, your account is gone.
device-keep-do = Ask the browser to keep it
device-keep-refused = The browser did not promise it. It often does once you have used the page for a while.
device-server-title = Your server
device-server = Your account is with { $server }. It passes on sealed messages, and cannot tell who talks to whom.
about-what = A messenger for people whose safety depends on it, and for their friends. Made to be checked by others.
about-release-title = This version
about-release = This browser keeps one whole, signed version of the page and takes a newer one only when you say so. This is its hash; compare it with the one that the makers or your group publish:
about-release-none = This browser has not kept a version of its own: the page comes from the server each time.
about-licence-title = Licence
about-licence = Free software under the GNU Affero General Public License, version 3 or later. Icons from Lucide (ISC).

## When something is not possible
refusal-no-account = There is no account in this browser yet. Create one first.
refusal-account-exists = There is an account in this browser already.
refusal-name = This name is empty, too long, or has characters that nobody can see. Choose another.
refusal-empty = There is nothing to send yet.
refusal-too-long = This is longer than { $most } bytes. Send it in several messages.
refusal-not-a-link = This is not a contact link. Copy the whole link, including what stands after the # sign.
refusal-not-a-code = A code has 12 letters and digits, as the other device shows them.
refusal-newer-link = This link was made with a newer version. Update to use it.
refusal-own-link = This is your own link. Give it to somebody who should be able to write to you.
refusal-other-server = This link leads to another server ({ $server }). Writing to other servers is not possible yet.
refusal-unknown = What this is about is not in this browser any more.
refusal-not-now = This is not possible in this conversation now.
refusal-store = This browser could not save it: its disk is full, or the page was not given the space. Make room and try again. What you wrote is still in the field.
unusable-files-title = This browser cannot keep your messages
unusable-files-body = Undertone needs private files in the browser. Use a current version of Chromium, Firefox or Safari, outside of a private window.
unusable-key-title = The key to your messages is gone
unusable-key-body = The browser still holds your encrypted messages but no longer the key that opens them, perhaps because part of the data of this site was cleared. Nothing was overwritten.
unusable-newer-title = A newer version was used here
unusable-newer-body = Your messages were last opened by a newer version of this page. Load it again to get it.
unusable-broken-title = The page has stopped
unusable-broken-body = Something in the page failed, and it is not your fault. What you wrote is kept. Load the page again; if that does not help, tell whoever runs the server.
unusable-reload = Load again
