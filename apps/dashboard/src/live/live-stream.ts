import type { LiveFrame } from '@hubpulse/api';
import { tryParseFrame } from './frame-message.ts';

/**
 * What the stream is doing. `polling` means that it has given up for now and the page has to ask for the overview
 * itself, while new attempts go on; `paused` means stopped, or closed because nobody looked.
 */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'polling' | 'paused';

/** The part of the browser's `EventSource` that is used. */
export interface LiveSource {
  /** 0 connecting (also again, by itself), 1 open, 2 closed for good. */
  readonly readyState: number;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

/** Whether anybody can see the page. */
export interface Visibility {
  isHidden(): boolean;
  /** Calls `run` when that changes, until the returned function is called. */
  subscribe(run: () => void): () => void;
}

export interface LiveStreamOptions {
  /** The stream's address for frames from `sinceMs` (Unix milliseconds) on. */
  url(sinceMs: number): string;
  createEventSource(url: string): LiveSource;
  /** Calls `run` once, `delayMs` from now. The returned function cancels it. */
  schedule(run: () => void, delayMs: number): () => void;
  readonly visibility: Visibility;
  /** From when on frames are wanted; asked before each connection. `LiveWindow.sinceMs` knows. */
  sinceMs(): number;
  /** How often frames come; `LiveWindow.frameIntervalMs` knows. */
  frameIntervalMs(): number;
  onFrame(frame: LiveFrame): void;
  /** The frames no longer join what the page has: it has to read the overview anew. */
  onReset(): void;
  onState(state: LiveState): void;
}

/** One live stream with its reconnections. */
export interface LiveStream {
  start(): void;
  /** Closes the stream; the state becomes `paused`. */
  stop(): void;
  readonly state: LiveState;
  /** How many messages were left out because they were not frames. */
  readonly badMessages: number;
}

/** A stream that is silent for so many frame intervals is lost. */
const SILENT_INTERVALS = 3;

/** The first failure loses the connection, the next two are failed reconnections: then the page polls. */
const POLLING_FAILURES = 3;

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

/** How long a hidden page keeps its stream. */
const HIDDEN_LIMIT_MS = 60_000;

/** `EventSource.CONNECTING`: the browser is trying again by itself. */
const CONNECTING = 0;

/** Makes a stream without opening it. */
export function createLiveStream(options: LiveStreamOptions): LiveStream {
  return new ReconnectingStream(options);
}

class ReconnectingStream implements LiveStream {
  readonly #options: LiveStreamOptions;
  #state: LiveState = 'paused';
  #badMessages = 0;
  /** Failures since the last frame. */
  #failures = 0;
  #source: LiveSource | null = null;
  /** Time of the connection's last frame; null before its first. */
  #lastFrameMs: number | null = null;
  /** From when on a connection that follows a lost one asked for frames; null otherwise. */
  #resumedMs: number | null = null;
  #cancelSilence: () => void = nothing;
  #cancelRetry: () => void = nothing;
  #cancelHiding: () => void = nothing;
  /** Null while stopped. */
  #unwatch: (() => void) | null = null;
  #isClosedByHiding = false;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
  }

  get state(): LiveState {
    return this.#state;
  }

  get badMessages(): number {
    return this.#badMessages;
  }

  start(): void {
    if (this.#unwatch !== null) return;
    this.#unwatch = this.#options.visibility.subscribe(() => this.#onVisibility());
    this.#failures = 0;
    this.#setState('connecting');
    this.#connect();
    this.#onVisibility();
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    this.#isClosedByHiding = false;
    this.#cancelHiding();
    this.#disconnect();
    this.#setState('paused');
  }

  #setState(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }

  #connect(): void {
    this.#disconnect();
    this.#armSilence();
    const sinceMs = this.#options.sinceMs();
    this.#resumedMs = this.#failures > 0 ? sinceMs : null;
    let source: LiveSource;
    try {
      source = this.#options.createEventSource(this.#options.url(sinceMs));
    } catch {
      // A browser without EventSource, or one that a policy forbids it: the page polls in the end.
      this.#fail();
      return;
    }
    this.#source = source;
    const whileCurrent =
      <T>(run: (event: T) => void) =>
      (event: T) => {
        if (this.#source === source) run(event);
      };
    source.addEventListener(
      'open',
      whileCurrent(() => this.#onOpen()),
    );
    source.addEventListener(
      'frame',
      whileCurrent((event) => this.#onFrame(event.data)),
    );
    source.addEventListener(
      'reset',
      whileCurrent(() => this.#options.onReset()),
    );
    source.addEventListener(
      'error',
      whileCurrent(() => this.#fail()),
    );
  }

  #disconnect(): void {
    this.#cancelSilence();
    this.#cancelRetry();
    const source = this.#source;
    this.#source = null;
    source?.close();
    this.#lastFrameMs = null;
  }

  #onOpen(): void {
    // A connection may begin with frames that were seen before.
    this.#lastFrameMs = null;
    this.#armSilence();
  }

  #onFrame(data: unknown): void {
    const frame = tryParseFrame(data);
    if (frame === null) {
      this.#badMessages++;
      return;
    }
    this.#failures = 0;
    this.#armSilence();
    this.#setState('live');
    if (this.#isDisjoint(frame.tMs)) this.#options.onReset();
    this.#lastFrameMs = frame.tMs;
    this.#resumedMs = null;
    this.#options.onFrame(frame);
  }

  /**
   * Whether a frame does not join those before. Within a connection time only goes back when somebody sets the
   * server's clock back. A connection after a lost one begins later than asked for when the server was started anew or
   * no longer has the frames between.
   */
  #isDisjoint(tMs: number): boolean {
    const toleranceMs = SILENT_INTERVALS * this.#options.frameIntervalMs();
    if (this.#lastFrameMs !== null) return tMs < this.#lastFrameMs - toleranceMs;
    return this.#resumedMs !== null && tMs > this.#resumedMs + toleranceMs;
  }

  #armSilence(): void {
    this.#cancelSilence();
    const limitMs = SILENT_INTERVALS * this.#options.frameIntervalMs();
    this.#cancelSilence = this.#options.schedule(() => {
      this.#disconnect();
      this.#fail();
    }, limitMs);
  }

  #fail(): void {
    this.#failures++;
    this.#setState(this.#failures >= POLLING_FAILURES ? 'polling' : 'reconnecting');
    if (this.#source?.readyState === CONNECTING && this.#failures < POLLING_FAILURES) {
      this.#armSilence();
      return;
    }
    this.#disconnect();
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1));
    this.#cancelRetry = this.#options.schedule(() => this.#connect(), delayMs);
  }

  #onVisibility(): void {
    this.#cancelHiding();
    if (this.#options.visibility.isHidden()) {
      this.#cancelHiding = this.#options.schedule(() => {
        this.#isClosedByHiding = true;
        this.#disconnect();
        this.#setState('paused');
      }, HIDDEN_LIMIT_MS);
      return;
    }
    if (!this.#isClosedByHiding) return;
    this.#isClosedByHiding = false;
    this.#failures = 0;
    this.#options.onReset();
    this.#setState('connecting');
    this.#connect();
  }
}

function nothing(): void {
  // Stands for a timer that is not set.
}
