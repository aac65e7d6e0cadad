-- A KeyPackage by which this device can be added to the group that an admin founds in place of the one in which it wants
-- a place; empty for none.
ALTER TABLE places ADD COLUMN following BLOB NOT NULL DEFAULT x'';
