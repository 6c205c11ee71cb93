/** Client of Atlas CMMS: typed, with sessions, retries, limits and errors for people and programs. */
export { AtlasClient, type ClientDescription } from "./client.ts";
export type { Clock } from "./clock.ts";
export { type Environment, optionsFromEnv } from "./env.ts";
export {
  AtlasApiError,
  AtlasAuthError,
  AtlasConfigError,
  AtlasError,
  type AtlasErrorDetails,
  AtlasLicenseError,
  AtlasNotFoundError,
  AtlasPermissionError,
  AtlasRateLimitError,
  AtlasSchemaError,
  AtlasValidationError,
  type Fault,
  type LicenseLimit,
  type SchemaMismatch,
} from "./errors.ts";
export type { Observe, ObservedOperation } from "./observe.ts";
export type { CallOptions } from "./operation.ts";
export type {
  AccountType,
  AtlasApiKeyOptions,
  AtlasClientInternals,
  AtlasClientOptions,
  CircuitBreakerOptions,
  CommonOptions,
  RateLimits,
} from "./options.ts";
export { API_VERSION } from "./parse.ts";
export type { RawAnswer, RawRequest } from "./raw-request.ts";
export type {
  Asset,
  AssetCreate,
  AssetFilter,
  AssetQuery,
  AssetStatus,
  AssetUpdate,
} from "./schemas/asset.ts";
export type { Category, CategoryCreate, CategoryUpdate } from "./schemas/category.ts";
export type { Person, Reference } from "./schemas/fields.ts";
export type { File, FileQuery, FileUpload } from "./schemas/file.ts";
export { FOUNDING_WORDS, WORDS_WITHOUT_MEANING } from "./schemas/founding-words.ts";
export type {
  Location,
  LocationCreate,
  LocationFilter,
  LocationQuery,
  LocationUpdate,
} from "./schemas/location.ts";
export type { Page } from "./schemas/page.ts";
export type { Team, TeamCreate, TeamFilter, TeamQuery, TeamUpdate } from "./schemas/team.ts";
export type {
  Invitation,
  OrganisationSignUp,
  Role,
  User,
  UserCreate,
  UserFilter,
  UserQuery,
} from "./schemas/user.ts";
export type {
  Priority,
  StatusChange,
  WorkOrder,
  WorkOrderCreate,
  WorkOrderFilter,
  WorkOrderQuery,
  WorkOrderStatus,
  WorkOrderUpdate,
} from "./schemas/work-order.ts";
export type { OperationEvent } from "./tracing.ts";
export { type WaitOptions, type WaitProgress, waitUntilReady } from "./wait-until-ready.ts";
