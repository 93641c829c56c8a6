import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  chainReportSchema,
  historyReportSchema,
  minerNamesSchema,
  operatorReportSchema,
  periodReportSchema,
  periodRequestsSchema,
  requestReportSchema,
  usageReportSchema,
} from "@vision/protocol";
import { useEffect } from "react";
import { z } from "zod";
import { getJson } from "./api.js";
import { useLive } from "./live.js";
import { scoresSchema } from "./scores.js";

type Period = number | "latest";

/** The public report of a period. */
export function usePeriodReport(period: Period) {
  return useQuery({
    queryKey: ["closed", "report", period],
    queryFn: ({ signal }) => getJson(`v1/periods/${period}`, periodReportSchema, { signal }),
  });
}

/** All requests of a period as dots. */
export function usePeriodRequests(period: number) {
  return useQuery({
    queryKey: ["closed", "requests", period],
    queryFn: ({ signal }) => getJson(`v1/periods/${period}/requests`, periodRequestsSchema, { signal }),
  });
}

/** The scores of a period with every value in between. */
export function useScores(period: Period) {
  return useQuery({
    queryKey: ["closed", "scores", period],
    queryFn: ({ signal }) => getJson(`v1/periods/${period}/scores`, scoresSchema, { signal }),
  });
}

/** The newest periods in a few numbers. */
export function useHistory() {
  return useQuery({ queryKey: ["closed", "history"], queryFn: ({ signal }) => getJson("v1/history", historyReportSchema, { signal }) });
}

/** The subnet on the chain; read again now and then, as the validator does. */
export function useChain() {
  return useQuery({
    queryKey: ["chain"],
    queryFn: ({ signal }) => getJson("v1/chain", chainReportSchema, { signal }),
    refetchInterval: 12_000,
  });
}

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string(), name: z.string(), family: z.string() })) });

/** The models that a key opens. */
export function useModels(key: string) {
  return useQuery({
    queryKey: ["models", key],
    queryFn: ({ signal }) => getJson("v1/models", modelsSchema, { signal, key }),
    enabled: key !== "",
  });
}

const LOOK_AGAIN_MS = 10_000;
const OPERATOR_EVERY_MS = 10_000;

/** How the key's own request went; looked up again until it is known what came of checking its answers. */
export function useRequest(id: string, key: string) {
  return useQuery({
    queryKey: ["request", id, key],
    queryFn: ({ signal }) => getJson(`v1/requests/${encodeURIComponent(id)}`, requestReportSchema, { signal, key }),
    refetchInterval: ({ state: { data } }) => (data?.tries.some(({ verdict }) => verdict.state === "open") ? LOOK_AGAIN_MS : false),
  });
}

/** What a key has used. */
export function useUsage(key: string) {
  return useQuery({
    queryKey: ["usage", key],
    queryFn: ({ signal }) => getJson("v1/usage", usageReportSchema, { signal, key }),
    enabled: key !== "",
  });
}

/** What the operator's token opens; read again now and then, as keys are used. */
export function useOperator(token: string) {
  return useQuery({
    queryKey: ["operator", token],
    queryFn: ({ signal }) => getJson("v1/operator", operatorReportSchema, { signal, key: token }),
    enabled: token !== "",
    refetchInterval: ({ state: { error } }) => (error === null ? OPERATOR_EVERY_MS : false),
  });
}

/** Names that the operator gave miners; empty until they are known. */
export function useNames(): Readonly<Record<string, string>> {
  const { data } = useQuery({
    queryKey: ["names"],
    queryFn: ({ signal }) => getJson("v1/names", minerNamesSchema, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data?.names ?? {};
}

/** Reads what belongs to closed periods anew when another one has been reported. */
export function useFreshPeriods(): void {
  const client = useQueryClient();
  const reportedPeriod = useLive().report?.reportedPeriod ?? null;
  useEffect(() => {
    if (reportedPeriod !== null) void client.invalidateQueries({ queryKey: ["closed"] });
  }, [client, reportedPeriod]);
}
