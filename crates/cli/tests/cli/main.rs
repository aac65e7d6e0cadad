//! The program as a process: its usage, its output, its profiles, and stories of people at a real server process.

mod linking;
mod output;
mod person;
mod profiles;
mod server;
mod stories_devices;
mod stories_groups;
mod stories_kills;
mod stories_linking;
mod stories_links;
mod stories_registration;
mod stories_requests;
mod stories_secrecy;
mod stories_two_people;
mod usage;
