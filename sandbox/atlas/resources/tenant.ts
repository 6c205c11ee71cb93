import type { User } from "../auth/user-store.ts";
import { ApiError } from "../http/api-error.ts";

/** Another organisation's record exists, but not for this caller. */
export function refuseOthers(user: User, record: { companyId: number }): void {
  const isClient = user.role.roleType === "ROLE_CLIENT";
  if (isClient && record.companyId !== user.companyId) throw new ApiError(403, "Access denied");
}
