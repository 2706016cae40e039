import 'fake-indexeddb/auto';

import { beforeEach, describe, expect, test } from 'vitest';

import { Db, deleteDatabase, isFromNewer, type Migration } from '../../src/store/db';

const first: Migration = (db) => void db.createObjectStore('things', { keyPath: 'id' });
const second: Migration = (_, upgrade) => void upgrade.objectStore('things').createIndex('kind', 'kind');

let name = '';
let count = 0;
beforeEach(() => {
  count += 1;
  name = `test-${count}`;
});

describe('a database', () => {
  test('keeps what was written, in key order and by index', async () => {
    const db = new Db(name, [first, second]);
    await db.write(['things'], (tx) => {
      tx.put('things', { id: 2, kind: 'b' });
      tx.put('things', { id: 1, kind: 'c' });
    });
    expect(await db.read(['things'], (tx) => tx.all('things'))).toEqual([
      { id: 1, kind: 'c' },
      { id: 2, kind: 'b' },
    ]);
    expect(await db.read(['things'], (tx) => tx.all('things', { index: 'kind', count: 1 }))).toEqual([
      { id: 2, kind: 'b' },
    ]);
  });

  test('comes from an older version with its rows', async () => {
    const older = new Db(name, [first]);
    await older.write(['things'], (tx) => tx.put('things', { id: 1, kind: 'a' }));
    await older.close();
    const newer = new Db(name, [first, second]);
    expect(await newer.read(['things'], (tx) => tx.count('things', { index: 'kind' }))).toBe(1);
  });

  test('lets go when another window brings a newer version, and both go on', async () => {
    const older = new Db(name, [first]);
    await older.write(['things'], (tx) => tx.put('things', { id: 1, kind: 'a' }));
    const newer = new Db(name, [first, second]);
    expect(await newer.read(['things'], (tx) => tx.count('things'))).toBe(1);
    await older.write(['things'], (tx) => tx.put('things', { id: 2, kind: 'b' }));
    expect(await newer.read(['things'], (tx) => tx.count('things', { index: 'kind' }))).toBe(2);
  });

  test('says when a newer version of the app has left too little for this one', async () => {
    const newer = new Db(name, [() => undefined, (db) => void db.createObjectStore('other')]);
    await newer.read(['other'], (tx) => tx.count('other'));
    await newer.close();
    const reading = new Db(name, [first]).read(['things'], (tx) => tx.count('things'));
    expect(isFromNewer(await reading.catch((reason: unknown) => reason))).toBe(true);
    expect(isFromNewer(new DOMException('private browsing', 'InvalidStateError'))).toBe(false);
  });

  test('writes all of a transaction or nothing', async () => {
    const db = new Db(name, [first]);
    const broken = db.write(['things'], (tx) => {
      tx.put('things', { id: 1 });
      throw new Error('no');
    });
    await expect(broken).rejects.toThrow('no');
    const clash = db.write(['things'], (tx) => {
      tx.add('things', { id: 2 });
      tx.add('things', { id: 2 });
    });
    await expect(clash).rejects.toBeDefined();
    expect(await db.read(['things'], (tx) => tx.count('things'))).toBe(0);
  });

  test('can be deleted, and begins anew', async () => {
    const db = new Db(name, [first]);
    await db.write(['things'], (tx) => tx.put('things', { id: 1 }));
    await deleteDatabase(name);
    expect(await db.read(['things'], (tx) => tx.count('things'))).toBe(0);
  });
});
