import type { Socket } from 'zeromq';

/** Tells of connections that failed their handshake, for as long as the socket is open. */
export async function watchHandshakes(socket: Socket, onRefused: (cause: string) => void): Promise<void> {
  const { events } = socket;
  try {
    for (;;) {
      const { type } = await events.receive();
      if (type === 'handshake:error:auth') onRefused('refused');
      else if (type.startsWith('handshake:error')) onRefused('handshake');
      else if (type === 'accept:error') onRefused('accept');
    }
  } catch (error) {
    if (!socket.closed) throw error;
  }
}
