//! Asks a server again that refused the account: with another invite code, or because it may take accounts now.

use undertone_content::content::check_name;
use undertone_wire::time::Timestamp;

use crate::{account_connection::REFUSAL, engine::Engine, error::CommandError, tasks::Hold};

impl Engine {
    /// Asks again with another name and invite code. The keys stay: nobody has heard of the account yet.
    ///
    /// # Errors
    /// [`CommandError`] if there is no account, the name cannot be used, or the server has not refused the account.
    pub fn retry_registration(
        &mut self,
        name: &str,
        invite_code: &str,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        check_name(name)?;
        self.store.write(|tx| {
            let mut account = tx.account()?.ok_or(CommandError::NoAccount)?;
            if account.registered || tx.setting_get(REFUSAL)?.is_none() {
                return Err(CommandError::AccountExists);
            }
            name.trim().clone_into(&mut account.name);
            invite_code.trim().clone_into(&mut account.invite_code);
            tx.put_account(&account)?;
            tx.setting_delete(REFUSAL)?;
            Ok(())
        })?;
        self.release(&Hold::Registration);
        self.account.hurry();
        self.work(now)?;
        Ok(())
    }
}
