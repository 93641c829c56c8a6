import { lazy, type ReactNode, Suspense, useEffect, useRef } from "react";
import { Header } from "./components/header.js";
import { Loading } from "./components/states.js";
import { useFreshPeriods } from "./data/queries.js";
import { parseRoute, type Route, useHash } from "./data/routes.js";
import { OverviewPage } from "./pages/overview-page.js";

const MinerPage = lazy(() => import("./pages/miner-page.js"));
const TaskPage = lazy(() => import("./pages/task-page.js"));
const PeriodPage = lazy(() => import("./pages/period-page.js"));
const RecomputePage = lazy(() => import("./pages/recompute-page.js"));
const ChainPage = lazy(() => import("./pages/chain-page.js"));
const UsagePage = lazy(() => import("./pages/usage-page.js"));
const OperatorPage = lazy(() => import("./pages/operator-page.js"));
const PlaygroundPage = lazy(() => import("./pages/playground-page.js"));

function pageOf(route: Route): ReactNode {
  switch (route.page) {
    case "overview":
      return <OverviewPage />;
    case "miner":
      return <MinerPage hotkey={route.hotkey} />;
    case "task":
      return <TaskPage taskId={route.taskId} />;
    case "period":
      return <PeriodPage period={route.period} />;
    case "recompute":
      return <RecomputePage period={route.period} />;
    case "chain":
      return <ChainPage />;
    case "playground":
      return <PlaygroundPage />;
    case "usage":
      return <UsagePage />;
    case "operator":
      return <OperatorPage />;
    case "unknown":
      return (
        <>
          <h1>Not found</h1>
          <p>
            There is no such page. <a href="#/">Go to the overview.</a>
          </p>
        </>
      );
  }
}

/** The page: header, and the place that the address names. */
export function App() {
  const hash = useHash();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(hash);
  useFreshPeriods();
  useEffect(() => {
    // Whoever follows a link by keyboard or ear goes on reading at the new place.
    if (shown.current === hash) return;
    shown.current = hash;
    main.current?.focus();
    scrollTo(0, 0);
  }, [hash]);
  const route = parseRoute(hash);
  return (
    <>
      <Header page={route.page} hash={hash === "" ? "#/" : hash} onSkip={() => main.current?.focus()} />
      <main ref={main} tabIndex={-1}>
        <Suspense fallback={<Loading />}>{pageOf(route)}</Suspense>
      </main>
    </>
  );
}
