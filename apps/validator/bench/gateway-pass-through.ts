import { Agent, request as ask, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerUsage } from "./process-usage.js";

// As little as a proxy can do: bytes in, bytes out.
const port = Number(process.env["UPSTREAM_PORT"]);
const agent = new Agent({ keepAlive: true });

const server = createServer((incoming, response) => {
  const { method, url, headers } = incoming;
  const forwarded = ask({ host: "127.0.0.1", port, method, path: url, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  incoming.pipe(forwarded);
});
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: "none" }));
answerUsage();
