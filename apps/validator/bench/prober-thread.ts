import "../src/prober-thread.js";
