import { ApiError } from "../http/api-error.ts";

/** A bean's `@NotNull` on a request: 400, and the field is not named. */
export function refuseMissing(...values: unknown[]): void {
  const missing = values.filter((value) => value === null);
  if (missing.length > 0) throw new ApiError(400, missing.map(() => "must not be null").join(", "));
}

/** The same rule met only when the entity is written back: a 500 with the validator's own text. */
export function requireOnUpdate(value: string | null, entity: string, property: string): string {
  if (value !== null) return value;
  throw new ApiError(
    500,
    `Validation failed for classes [com.grash.model.${entity}] during update time for groups ` +
      "[jakarta.validation.groups.Default, ]\nList of constraint violations:[\n\tConstraintViolationImpl" +
      `{interpolatedMessage='must not be null', propertyPath=${property}, rootBeanClass=class com.grash.model.${entity}, ` +
      "messageTemplate='{jakarta.validation.constraints.NotNull.message}'}\n]",
  );
}
