// What a host's control endpoint answers, as far as it is shown.

export interface Summary {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly trigger: string;
  readonly target: string;
  readonly component: string | null;
  readonly build: string | null;
  readonly instance: number | null;
  readonly method: string | null;
  readonly path: string | null;
  readonly host: string | null;
  readonly status: number | null;
  /** Microseconds. */
  readonly took: number | null;
  readonly received: number;
  readonly sent: number;
  readonly calls: number;
  readonly logs: number;
  readonly trap: string | null;
  readonly parent: string | null;
  readonly replay_of: string | null;
}

export interface BodyCopy {
  readonly size: number;
  readonly kept: number;
  readonly encoding: "utf-8" | "base64";
  readonly data: string;
}

export type Header = readonly [string, string];

export interface Frame {
  readonly function: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

export interface HostCall {
  readonly interface: string;
  readonly func: string;
  readonly dependency: string | null;
  /** Microseconds since the exchange began. */
  readonly at: number;
  readonly took: number;
  readonly args: unknown;
  readonly result: unknown;
}

export interface HttpMessage {
  readonly method?: string;
  readonly scheme?: string;
  readonly authority?: string | null;
  readonly path_with_query?: string;
  readonly status?: number;
  readonly headers: readonly Header[];
  readonly body: BodyCopy;
}

export interface Traceback {
  readonly language: string;
  readonly message: string;
  readonly frames: readonly Frame[];
}

export interface Trap {
  readonly reason: string;
  readonly frames: readonly Frame[];
  readonly export: string | null;
  readonly dependency: string | null;
  readonly traceback: Traceback | null;
}

/** An exchange, whole. */
export interface Exchange {
  readonly v: number;
  readonly id: string;
  readonly parent: string | null;
  readonly replay_of: string | null;
  readonly build: string | null;
  readonly component: string | null;
  readonly instance: number | null;
  readonly trigger: { readonly type: string; readonly target: string };
  readonly input: unknown;
  readonly output: unknown;
  readonly phases_us: Readonly<Record<string, number>>;
  readonly calls: readonly HostCall[];
  readonly logs: readonly { readonly stream: string; readonly at: number; readonly text: string }[];
  readonly trap: Trap | null;
  /** What the guest printed of a failure that it answered itself. */
  readonly traceback: Traceback | null;
  readonly truncated: readonly string[];
  /** All that the guest called, where that was asked for. */
  readonly trace?: readonly TracedCall[];
}

export interface Route {
  readonly id: string;
  readonly route: string;
  readonly wildcard: boolean;
  readonly component?: string | null;
}

export interface Figures {
  readonly id: string;
  readonly count: number;
  readonly errors: number;
  readonly rate: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface Stats {
  readonly at: number;
  readonly host: Readonly<Record<string, number | null>>;
  readonly routes: readonly (Figures & { readonly route: string })[];
  readonly components: readonly (Figures & { readonly memory: number | null })[];
}

export interface Component {
  readonly id: string;
  readonly description: string | null;
  readonly build: string | null;
  readonly stale: boolean;
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly instances: readonly { readonly number: number; readonly memory: number }[];
}

export interface HostEvent {
  readonly kind: string;
  readonly at: number;
  readonly data: unknown;
}

export interface Place {
  /** From 0; characters are UTF-16 units. */
  readonly line: number;
  readonly character: number;
}

export interface Told {
  readonly code: string;
  readonly severity: "error" | "warning" | "info" | "hint";
  readonly message: string;
  /** Absolute. */
  readonly path: string | null;
  readonly range: { readonly start: Place; readonly end: Place } | null;
}

/** One with a place. */
export type Problem = Told & { readonly range: NonNullable<Told["range"]> };

export interface BuildStatus {
  readonly components: readonly {
    readonly id: string;
    readonly state: string;
    /** What went wrong, as a sentence. */
    readonly reason: string;
    readonly diagnostics: readonly Told[];
  }[];
}

/** A call by the guest of whatever it imports; kept where a trace was asked for. */
export interface TracedCall extends Omit<HostCall, "took"> {
  /** Nothing if it never ended. */
  readonly took: number | null;
  /** Why it stopped the guest. */
  readonly trap?: string;
}

/** The HTTP message that an input or output is; nothing for those of other triggers. */
export function asHttp(message: unknown): HttpMessage | undefined {
  const http = message as HttpMessage | null;
  return typeof http === "object" && http !== null && Array.isArray(http.headers)
    ? http
    : undefined;
}

export function isFailed(summary: Summary): boolean {
  return summary.trap !== null || (summary.status ?? 0) >= 500;
}
