import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type KeyLimits, newKeySchema } from "@vision/protocol";
import { failureOf } from "./api.js";

/** Something that the operator does with keys. */
export type KeyOrder =
  | { readonly do: "create"; readonly name: string; readonly limits: KeyLimits; readonly creditUnits: number | null }
  | { readonly do: "change"; readonly id: string; readonly limits: KeyLimits }
  /** Null: nothing need be paid in advance any more. */
  | { readonly do: "credit"; readonly id: string; readonly units: number | null; readonly reference?: string }
  | { readonly do: "revoke"; readonly id: string };

function requestOf(order: KeyOrder): { readonly path: string; readonly method: string; readonly body: object | null } {
  switch (order.do) {
    case "create":
      return { path: "v1/operator/keys", method: "POST", body: { name: order.name, ...order.limits, creditUnits: order.creditUnits } };
    case "change":
      return { path: `v1/operator/keys/${encodeURIComponent(order.id)}`, method: "PATCH", body: order.limits };
    case "credit": {
      const path = `v1/operator/keys/${encodeURIComponent(order.id)}/credit`;
      if (order.units === null) return { path, method: "DELETE", body: null };
      return { path, method: "POST", body: { units: order.units, ...(order.reference ? { reference: order.reference } : {}) } };
    }
    case "revoke":
      return { path: `v1/operator/keys/${encodeURIComponent(order.id)}`, method: "DELETE", body: null };
  }
}

/** Gives orders with the operator's token, and reads anew what came of them. Its data is the text of a new key; null of other orders. */
export function useKeyOrder(token: string) {
  const client = useQueryClient();
  return useMutation({
    async mutationFn(order: KeyOrder): Promise<string | null> {
      const { path, method, body } = requestOf(order);
      const response = await fetch(path, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body === null ? {} : { "content-type": "application/json" }) },
        body: body === null ? null : JSON.stringify(body),
      });
      if (!response.ok) throw await failureOf(response);
      return order.do === "create" ? newKeySchema.parse(await response.json()).key : null;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["operator"] }),
  });
}
