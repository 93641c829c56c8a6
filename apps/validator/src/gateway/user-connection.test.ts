import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, it } from "@jest/globals";
import { createUserConnection } from "./user-connection.js";

it("sixteen answers of one request to a slow reader each waited on their own, and Node warned of a leak: they wait together", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const reader = connect((server.address() as AddressInfo).port, "127.0.0.1");
  reader.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  reader.pause();
  const [, response] = (await once(server, "request")) as [unknown, ServerResponse];
  const connection = createUserConnection(response, { closing: new AbortController().signal });
  const listenersBefore = response.listenerCount("error");
  const sent = Array.from({ length: 16 }, () => connection.sendEvent("x".repeat(1_000_000)));
  await Promise.resolve();
  expect(response.listenerCount("drain")).toBe(1);
  expect(response.listenerCount("error")).toBe(listenersBefore + 1);
  reader.resume();
  await Promise.all(sent);
  expect(response.listenerCount("drain")).toBe(0);
  connection.release();
  reader.destroy();
  server.close();
});
