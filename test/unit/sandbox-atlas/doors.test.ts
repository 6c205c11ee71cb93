import { describe, expect, it } from "vitest";
import { type DoorSettings, decideSignup, type SignupFacts } from "../../../sandbox/atlas/auth/doors.ts";

const defaults: DoorSettings = {
  allowedOrganizationAdmins: [],
  invitationViaEmail: false,
  mailEnabled: false,
  publicApiIsLoopback: false,
};
const listed: DoorSettings = { ...defaults, allowedOrganizationAdmins: ["admin@x", "b@y"] };
const invited: DoorSettings = { ...defaults, invitationViaEmail: true };
const closed: DoorSettings = { ...listed, invitationViaEmail: true };
const closedAtHome: DoorSettings = { ...closed, publicApiIsLoopback: true };

const visitor: SignupFacts = {
  email: "stranger@z",
  emailIsUsed: false,
  role: undefined,
  demo: false,
  secondCompanyNeedsLicence: false,
  paidUserLimitFault: undefined,
};
const stranger = visitor;
const admin = { ...visitor, email: "Admin@X" };
const demo = { ...visitor, email: "0123@demo.com", demo: true };
const superRole = { ...visitor, role: { paid: false, hasCompany: true, invited: false } };
const adminWithSuperRole = { ...superRole, email: "admin@x" };
const uninvited = { ...visitor, role: { paid: true, hasCompany: false, invited: false } };
const guest = { ...visitor, role: { paid: true, hasCompany: false, invited: true } };

function outcome(facts: SignupFacts, settings: DoorSettings): string {
  const decision = decideSignup(facts, settings);
  if (decision.kind === "refuse") return `${decision.status} ${decision.message}`;
  return decision.kind === "found" ? `found ${decision.activation}` : decision.kind;
}

const NOT_ALLOWED = "406 You are not allowed to create an account without being invited";
const NO_MAIL = "406 Please enable mails and configure SMTP in the environment variables";
const NOT_INVITED = "406 You are not invited to this organization for this role";
const NO_INVITATION = "500 Index 0 out of bounds for length 0";

describe("the doors of sign-up", () => {
  it.each([
    [
      "defaults",
      defaults,
      [stranger, "found none"],
      [superRole, "join"],
      [demo, "found none"],
      [guest, "join"],
    ],
    [
      "allowed admins",
      listed,
      [stranger, NOT_ALLOWED],
      [admin, "found none"],
      [superRole, "join"],
      [demo, NOT_ALLOWED],
    ],
    ["invitation", invited, [stranger, NO_MAIL], [superRole, NOT_INVITED], [demo, NO_MAIL], [guest, "join"]],
    [
      "both",
      closed,
      [stranger, NOT_ALLOWED],
      [admin, NO_MAIL],
      [superRole, NOT_INVITED],
      [demo, NOT_ALLOWED],
    ],
    [
      "both, loopback",
      closedAtHome,
      [stranger, NOT_ALLOWED],
      [admin, "found none"],
      [superRole, NOT_INVITED],
      [adminWithSuperRole, NOT_INVITED],
      [demo, NOT_ALLOWED],
      [guest, "join"],
      [uninvited, NOT_INVITED],
    ],
  ] as [string, DoorSettings, ...[SignupFacts, string][]][])("with %s", (_, settings, ...visits) => {
    expect(visits.map(([facts]) => outcome(facts, settings))).toEqual(visits.map(([, wanted]) => wanted));
  });

  it("asks for the link of a mail when invitations and mail are on", () => {
    const withMail = { ...invited, mailEnabled: true };
    expect(outcome(stranger, withMail)).toBe("found mail");
    expect(outcome(demo, withMail)).toBe("found none");
    expect(outcome(stranger, { ...withMail, publicApiIsLoopback: true })).toBe("found none");
  });

  it("refuses a used address before anything else", () => {
    expect(outcome({ ...stranger, emailIsUsed: true }, listed)).toBe("422 Email is already in use");
  });

  it("refuses unknown roles and those without an invitation", () => {
    expect(outcome({ ...visitor, role: null }, defaults)).toBe("406 Role not found");
    expect(outcome(uninvited, defaults)).toBe(NO_INVITATION);
  });

  it("refuses what needs a licence", () => {
    const busy = { ...stranger, secondCompanyNeedsLicence: true };
    expect(outcome(busy, invited)).toBe("403 You need a license to create another company");
    expect(outcome({ ...guest, paidUserLimitFault: "too many" }, defaults)).toBe("500 too many");
    expect(outcome({ ...superRole, paidUserLimitFault: "too many" }, defaults)).toBe("join");
  });
});
