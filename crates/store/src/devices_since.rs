//! Since when devices are in a conversation, where this one saw them come.

use std::collections::BTreeMap;

use rusqlite::params;
use undertone_wire::{ids::DeviceKey, time::Timestamp};

use crate::{
    ReadTx, StoreError, WriteTx,
    chats::ChatId,
    rows::{id, time},
};

impl ReadTx<'_> {
    /// Since when which device is in a chat. Who is missing was there before this device.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn devices_since(
        &self,
        chat: &ChatId,
    ) -> Result<BTreeMap<DeviceKey, Timestamp>, StoreError> {
        let mut statement =
            self.statement("SELECT device, since FROM devices_since WHERE chat = ?1")?;
        let rows =
            statement.query_map([chat.as_bytes()], |row| Ok((id(row, 0)?, time(row, 1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl WriteTx<'_> {
    /// Notes that a device came into a chat.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn device_came(
        &self,
        chat: &ChatId,
        device: &DeviceKey,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO devices_since (chat, device, since) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![
            chat.as_bytes(),
            device.as_bytes(),
            since.0.cast_signed()
        ])?;
        Ok(())
    }

    /// Notes that a device is in a chat no more.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn device_went(&self, chat: &ChatId, device: &DeviceKey) -> Result<(), StoreError> {
        self.statement("DELETE FROM devices_since WHERE chat = ?1 AND device = ?2")?
            .execute(params![chat.as_bytes(), device.as_bytes()])?;
        Ok(())
    }
}
