// What a browser keeps on its disk for the page, as whoever copies its files gets it.

/** Runs in the page: the files of the store, and the wrapped key, as hexadecimal pages and text. */
export async function kept() {
  const files = [];
  const walk = async (folder) => {
    for await (const entry of folder.values()) {
      if (entry.kind === 'directory') await walk(entry);
      else files.push(new Uint8Array(await (await entry.getFile()).arrayBuffer()));
    }
  };
  await walk(await navigator.storage.getDirectory());
  const request = (begun) => new Promise((resolve, reject) => {
    begun.onsuccess = () => resolve(begun.result);
    begun.onerror = () => reject(begun.error);
  });
  const database = await request(indexedDB.open('undertone'));
  const record = await request(database.transaction('keys').objectStore('keys').get('store'));
  database.close();
  // A digest for each 512 bytes that are not empty: enough to find anything of it again, and to say nothing of it. What
  // a file is called stands before it, in the first 4096 bytes.
  const pieces = new Set();
  for (const file of files) {
    for (let at = 4096; at < file.length; at += 512) {
      const piece = file.slice(at, at + 512);
      if (!piece.some((byte) => byte !== 0)) continue;
      const digest = await crypto.subtle.digest('SHA-256', piece);
      pieces.add([...new Uint8Array(digest)].map((byte) => byte.toString(16)).join(''));
    }
  }
  const text = files.map((file) => new TextDecoder('latin1').decode(file)).join('\n');
  return { pieces: [...pieces], text, key: record?.wrapped ? [...new Uint8Array(record.wrapped)].join() : null };
}
