//! What stands in the files.

use rusqlite::types::Value;

use super::World;

impl World {
    /// Another connection to the files, to see what stands in them.
    pub fn disk(&self) -> rusqlite::Connection {
        let disk = rusqlite::Connection::open_in_memory().unwrap();
        for file in FILES {
            let path = self.folder.path().join("data").join(format!("{file}.db"));
            disk.execute("ATTACH ?1 AS ?2", (path.to_str().unwrap(), file))
                .unwrap();
        }
        disk
    }

    /// All rows of all tables: file, table, values.
    pub fn rows(&self) -> Vec<(String, String, Vec<Value>)> {
        let disk = self.disk();
        let mut all = Vec::new();
        for file in FILES {
            let tables: Vec<String> = disk
                .prepare(&format!(
                    "SELECT name FROM {file}.sqlite_schema WHERE type = 'table' ORDER BY name"
                ))
                .unwrap()
                .query_map((), |row| row.get(0))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            for table in tables {
                let mut statement = disk
                    .prepare(&format!("SELECT * FROM {file}.{table}"))
                    .unwrap();
                let columns = statement.column_count();
                let mut rows = statement.query(()).unwrap();
                while let Some(row) = rows.next().unwrap() {
                    let values = (0..columns)
                        .map(|column| row.get(column).unwrap())
                        .collect();
                    all.push((file.to_owned(), table.clone(), values));
                }
            }
        }
        all
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> usize {
        self.disk()
            .query_row(&format!("SELECT count(*) FROM {table}"), (), |row| {
                row.get::<_, i64>(0)
            })
            .unwrap() as usize
    }
}

pub const FILES: [&str; 5] = ["delivery", "directory", "cards", "blobs", "tokens"];
