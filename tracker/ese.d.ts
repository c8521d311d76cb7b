// ese.js: the tracker for any page. `import { track } from "https://…/ese.js"`, or use `ese` once the script has run.
// In WebKit, an importing module may run before ese.js has started: then each call waits, and returns null.

/** The present status, of this page's session where nothing else is said. */
export interface Status {
  /** False after an opt-out, or where the browser asks not to be tracked. */
  active: boolean;
  /** This page's session, a UUID. */
  session: string | null;
  /** Events written to the queue; with several routes, the copies of each. */
  emitted: number;
  /** Of those: accepted by the server for good. */
  accepted: number;
  /** Of those: refused for good. */
  rejected: number;
  /** Of those: dropped by the full queue, never sent. */
  shed: number;
  /** Copies that wait, those of closed tabs included. */
  waiting: number;
  /** The size of this session's queue in bytes of JSON. */
  waitingBytes: number;
  /** Why the queue could not be written to IndexedDB, if it could not. */
  unsaved: string | null;
  /** Why events wait, if sending fails. */
  trouble: string | null;
  /** Server time minus this machine's time, in milliseconds, wrong by at most ± errorMs; null before the first answer. */
  clock: { offsetMs: number; errorMs: number } | null;
}

/**
 * Queues an event.
 * @param type CloudEvents' type, such as `com.example.signed-up`
 * @param data anything that JSON can say, at most 16,384 bytes
 * @returns its id, a UUIDv7; null where the visitor is not tracked
 * @throws Error if the type is malformed, or the data too large or not JSON
 */
export function track(type: string, data?: unknown): string | null;

/** Sends waiting events now, without waiting for the next try. */
export function flush(): void;

/** The present status. */
export function status(): Status;

/** Empties the queue, here and in IndexedDB, stops, and remembers that for this site. */
export function optOut(): void;

/** Takes an opt-out back. */
export function optIn(): void;

declare global {
  /** The same functions. Before ese.js has started, only `track` is there; its events wait, and it returns null. */
  var ese: {
    track: typeof track;
    flush: typeof flush;
    status: typeof status;
    optOut: typeof optOut;
    optIn: typeof optIn;
  };
}
