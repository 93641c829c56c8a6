import { describeLedgerContract } from "../testing/ledger-contract.js";
import { createInProcessLedger } from "./ledger-in-process.js";

describeLedgerContract("in process", createInProcessLedger);
