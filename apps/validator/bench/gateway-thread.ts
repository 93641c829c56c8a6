import "../src/gateway-thread.js";
