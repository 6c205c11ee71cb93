import { describe, expect, it } from "vitest";
import { ENTITLEMENTS, licenceState, readLicence } from "../../../sandbox/atlas/licence.ts";

describe("the licence", () => {
  it("is none without a key, whatever the licence server would grant", () => {
    const licence = readLicence("", ["ALL"]);
    expect(licence.entitlements.size).toBe(0);
    expect(licenceState(licence)).toEqual({
      hasLicense: false,
      valid: false,
      planName: null,
      entitlements: [],
      expirationDate: null,
      usersCount: 0,
    });
  });

  it("is not valid with a key that the licence server does not know", () => {
    expect(licenceState(readLicence("key", []))).toMatchObject({ hasLicense: true, valid: false });
  });

  it("grants what the licence server says of the key, and nothing else", () => {
    const { entitlements } = readLicence("key", ["API_ACCESS", "SOMETHING_ELSE"]);
    expect([...entitlements]).toEqual(["API_ACCESS"]);
    expect([...readLicence("key", ["ALL"]).entitlements]).toEqual([...ENTITLEMENTS]);
  });
});
