export { childEnvironment } from "./child-environment.js";
export { createLogger, type LoggerOptions, type ProgramLogger } from "./create-logger.js";
export { type ChainSight, lookAtChain, neuronOf } from "./doctor/chain-sight.js";
export { checkChain, judgeNeuron } from "./doctor/check-chain.js";
export { checkListener } from "./doctor/check-listener.js";
export { checkNames } from "./doctor/check-names.js";
export { checkOutside } from "./doctor/check-outside.js";
export { checkVersion } from "./doctor/check-version.js";
export { checkWallet } from "./doctor/check-wallet.js";
export { doctorCommand } from "./doctor/doctor-command.js";
export { type DoctorReport, doctorReportSchema } from "./doctor/doctor-report.js";
export { type DoctorCheck, type Finding, fail, judgePart, ok, tellEnd, warn } from "./doctor/finding.js";
export { runChecks } from "./doctor/run-checks.js";
export { type ExitCode, exitCodes, type FailureReport, reportFailure } from "./exit-codes.js";
export { findFreePort } from "./find-free-port.js";
export { hostAndPort } from "./host-and-port.js";
export { type HotkeySurroundings, loadHotkey } from "./load-hotkey.js";
export { type LogLevel, logLevels } from "./log-levels.js";
export { createMetrics, type MetricsRegistry } from "./metrics/create-metrics.js";
export {
  type Counter,
  findNameMistakes,
  type Gauge,
  type GaugeValue,
  type Histogram,
  type MetricDefinition,
  type Metrics,
} from "./metrics/metric-definition.js";
export { createMetricsServer, type MetricsServer, type MetricsView } from "./metrics/metrics-server.js";
export { renderMetricsTable } from "./metrics/render-metrics-table.js";
export { programVersion } from "./program-version.js";
export { redact, redactFacts } from "./redact.js";
export { renderTable } from "./render-table.js";
export { type ChainSettings, chainPlace, checkChainPlace, describeChainPlace } from "./settings/chain-place.js";
export { checkHotkeySource, findMissingFile } from "./settings/check-hotkey-source.js";
export {
  doctorSection,
  endpointsSetting,
  hotkeySection,
  logSection,
  netuidSetting,
  networkSetting,
  optionalNetuidSetting,
  updatesSection,
  walletSection,
} from "./settings/common-settings.js";
export type { SettingProblem } from "./settings/describe-issue.js";
export { describeSettings } from "./settings/describe-settings.js";
export { findDifferences, type SettingDifference } from "./settings/find-differences.js";
export { isSamePlace, listenHost } from "./settings/listeners.js";
export { type CheckedSettings, invalidSettings, type LoadedSettings, loadSettings } from "./settings/load-settings.js";
export { placeInFile, type ReadSettingsFile, readSettingsFile } from "./settings/read-settings-file.js";
export { describeFormerName, type SettingSources, type SourceProblem } from "./settings/read-sources.js";
export { renderSettingsPage } from "./settings/render-settings-page.js";
export { setting, wordsOf as settingWords } from "./settings/setting.js";
export { defineProgram } from "./settings/setting-program.js";
export { addSettingFlags, sourcesOfCommand } from "./settings/settings-command.js";
export { listenForStop } from "./stop-signals.js";
export { createTerminal, type Terminal } from "./terminal.js";
export { openTracer } from "./tracing/open-tracer.js";
export { spanFacts } from "./tracing/span-facts.js";
export type { TracedProgram, Tracer, TraceSpan } from "./tracing/tracer.js";
export { type TraceSettings, tracesSection } from "./tracing/traces-section.js";
export { walletCommand } from "./wallet-command.js";
export { type HotkeySource, walletLocation } from "./wallet-location.js";
