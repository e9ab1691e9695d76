// autocannon 9 comes without types: what is used of it here.
declare module 'autocannon' {
  interface CannonRequest {
    method: string;
    path: string;
    headers: Record<string, string>;
    body?: string;
  }
  interface Options {
    url: string;
    connections: number;
    /** Requests in all. */
    amount: number;
    /** Seconds that a response may take. */
    timeout: number;
    requests: (CannonRequest & { setupRequest: (request: CannonRequest) => CannonRequest })[];
  }
  interface Result {
    errors: number;
    timeouts: number;
    non2xx: number;
  }
  interface Instance extends Promise<Result> {
    on(event: 'response', listener: (client: unknown, status: number, bytes: number, milliseconds: number) => void): this;
  }
  export default function autocannon(options: Options): Instance;
}
