import type { Server } from "node:http";
import type { Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import type { TransportCertificate } from "./transport-certificate.js";

/** First byte of a TLS record that opens a connection; no HTTP method starts with it. */
const TLS_HANDSHAKE = 0x16;

/**
 * Lets an HTTP server take TLS on the same port: a connection is what its first byte says. Whatever counts or bounds the server's
 * connections goes on to see each of them once, before its first byte.
 *
 * @returns What to destroy in order to end a connection: the TLS socket on it, where there is one.
 * @param openTimeoutMs - A client that has not said its first byte, or not finished its TLS handshake, by then is cut off.
 */
export function acceptTls(server: Server, certificate: TransportCertificate, openTimeoutMs: number): (socket: Socket) => Socket {
  const tlsSockets = new WeakMap<Socket, TLSSocket>();
  const secureContext = createSecureContext({ key: certificate.keyPem, cert: certificate.certificatePem, minVersion: "TLSv1.3" });
  // Node.js's own listener, the first one, attaches the HTTP parser. It takes a TLS socket as readily: that is how `node:https` is made.
  const [serveHttp] = server.listeners("connection");
  if (serveHttp === undefined) throw new Error("the server has no listener for connections");
  server.removeListener("connection", serveHttp as (socket: Socket) => void);
  server.prependListener("connection", (socket: Socket) => {
    // A TLS socket owns the one below: closing that one under it would leave both open.
    let top = socket;
    const cut = () => top.destroy();
    const timer = setTimeout(cut, openTimeoutMs);
    socket.once("close", () => clearTimeout(timer));
    const open = () => {
      clearTimeout(timer);
      top.off("error", cut).off("end", cut);
      serveHttp.call(server, top);
    };
    socket.on("error", cut);
    socket.once("readable", () => {
      const first: Buffer | null = socket.read();
      if (first === null) return cut(); // ended without a byte
      socket.unshift(first);
      if (first[0] !== TLS_HANDSHAKE) return open();
      const secured = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ["http/1.1"] });
      tlsSockets.set(socket, secured);
      top = secured;
      // HTTP servers keep half-open connections; one that ends before it is secure has no use.
      top.on("error", cut).on("end", cut);
      top.once("secure", open);
    });
  });
  return (socket) => tlsSockets.get(socket) ?? socket;
}
