// One connection to a host's control endpoint: JSON-RPC, messages framed as a language server's.
import { Socket, connect } from "node:net";
import {
  MessageConnection,
  SocketMessageReader,
  SocketMessageWriter,
  createMessageConnection,
} from "vscode-jsonrpc/node";
import type { HostEvent } from "./answers";
import type { RunFile } from "./runFiles";

const PROTOCOL = 1;

interface Told {
  readonly subscription: number;
  readonly events: readonly HostEvent[];
}

export class Connection {
  private readonly listeners = new Map<number, (events: readonly HostEvent[]) => void>();

  private constructor(
    private readonly socket: Socket,
    private readonly messages: MessageConnection,
  ) {}

  /** A connection that is ready for calls; `onClosed` is told when it is over. */
  static async open(file: RunFile, onClosed: () => void): Promise<Connection> {
    const socket = await connected(file.endpoint);
    const messages = createMessageConnection(
      new SocketMessageReader(socket),
      new SocketMessageWriter(socket),
    );
    const connection = new Connection(socket, messages);
    messages.onNotification("events", (told: Told) => {
      connection.listeners.get(told.subscription)?.(told.events);
    });
    messages.onClose(onClosed);
    messages.onError(() => undefined);
    messages.listen();
    await connection.call("initialize", { token: file.token, protocol: PROTOCOL });
    return connection;
  }

  async call<T>(method: string, params: object = {}): Promise<T> {
    return await this.messages.sendRequest<T>(method, params);
  }

  /** Have a listener told of what comes, until the answer is disposed. */
  async subscribe(
    method: string,
    params: object,
    listener: (events: readonly HostEvent[]) => void,
  ): Promise<{ dispose(): void }> {
    const { subscription } = await this.call<{ subscription: number }>(method, params);
    this.listeners.set(subscription, listener);
    const dispose = (): void => {
      this.listeners.delete(subscription);
      this.call("host/unsubscribe", { subscription }).catch(() => undefined); // it is gone
    };
    return { dispose };
  }

  close(): void {
    this.messages.dispose();
    this.socket.destroy();
  }
}

async function connected(endpoint: string): Promise<Socket> {
  const socket = connect(address(endpoint));
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => undefined);
  return socket;
}

/** Where an endpoint is: `unix:<path>` or `tcp:<address>:<port>`. */
export function address(endpoint: string): { path: string } | { host: string; port: number } {
  if (endpoint.startsWith("unix:")) {
    return { path: endpoint.slice("unix:".length) };
  }
  const [, host = "", port = ""] = /^tcp:(.*):(\d+)$/.exec(endpoint) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}
