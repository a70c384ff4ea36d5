/** The addresses that a process answers at, by what they are. */
export type Addresses = Readonly<Record<string, string>>;

/** The one line that says that everything answers: `marconi ready: rest http://…, grpc …, pid 1`. */
export function readyLine(addresses: Addresses): string {
  const places = Object.entries(addresses).filter(([, address]) => address !== '');
  return `marconi ready: ${[...places.map((place) => place.join(' ')), `pid ${process.pid}`].join(', ')}`;
}

/** The URL of a metrics address; empty when there is none. */
export function metricsUrl(address: string): string {
  return address === '' ? '' : `http://${address}/metrics`;
}

/** The addresses of the ZeroMQ door as the ready line names them. */
export function zmqPlaces(addresses: Addresses): Addresses {
  return Object.fromEntries(Object.entries(addresses).map(([name, address]) => [`zmq-${name}`, address]));
}
