import { answerUsage } from "./process-usage.js";

// Loaded into programs of others that are measured.
answerUsage();
