/**
 * Keeps slow readers from filling the memory. The runtime tells nobody how much of what was sent is
 * still on its way, so readers say how far they have read: `{"seen":<position>}`, after each frame or
 * now and then. One that has more than a limit still to read is closed with the code 4008; when it
 * comes back with `?after=<last position>` it gets each insight as it is by then.
 */
import { INGEST_LIMITS } from "../limits.ts";

/** Close code of a reader that is too slow; 4000–4999 are the application's. */
const TOO_SLOW = 4008;
const SEEN = /^\{"seen": ?(\d{1,15})\}$/;

interface Unread {
  frames: { readonly position: number; readonly chars: number }[];
  chars: number;
}

export class Readers {
  /** Begins anew after hibernation, during which nothing was sent. */
  readonly #unread = new WeakMap<WebSocket, Unread>();

  /** Sends a frame, or drops the reader. A socket that was just accepted may be sent to as well. */
  send(socket: WebSocket, frame: { readonly text: string; readonly position: number }): void {
    if (socket.readyState > WebSocket.OPEN) return;
    const unread = this.#unread.get(socket) ?? { frames: [], chars: 0 };
    this.#unread.set(socket, unread);
    if (unread.chars > INGEST_LIMITS.liveUnreadCharsMax) {
      socket.close(TOO_SLOW, "too slow: resume with ?after=<last position>");
      return;
    }
    unread.frames.push({ position: frame.position, chars: frame.text.length });
    unread.chars += frame.text.length;
    socket.send(frame.text);
  }

  /** Takes in what a reader says; anything but a position is nothing. */
  note(socket: WebSocket, message: string | ArrayBuffer): void {
    const unread = this.#unread.get(socket);
    if (unread === undefined || typeof message !== "string") return;
    const seen = Number(SEEN.exec(message)?.[1] ?? -1);
    const first = unread.frames.findIndex(({ position }) => position > seen);
    const read = unread.frames.splice(0, first < 0 ? unread.frames.length : first);
    for (const { chars } of read) unread.chars -= chars;
  }
}
