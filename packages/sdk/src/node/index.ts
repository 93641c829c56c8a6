export { type MinerServer, type ServeOptions, serve } from "./serve.js";
export { createTransportCertificate, type TransportCertificate } from "./transport-certificate.js";
