/** What a sign-up meets. Demo accounts come through the organisation door. */
export interface SignupFacts {
  email: string;
  emailIsUsed: boolean;
  /** undefined: the caller wants an organisation of its own; null: a role that does not exist. */
  role: { paid: boolean; hasCompany: boolean; invited: boolean } | null | undefined;
  demo: boolean;
  /** Some organisation has so many work orders that only a licence allows another one. */
  secondCompanyNeedsLicence: boolean;
  /** The refusal of one more user with a paid role. */
  paidUserLimitFault: string | undefined;
}

export interface DoorSettings {
  allowedOrganizationAdmins: readonly string[];
  invitationViaEmail: boolean;
  mailEnabled: boolean;
  /** The host of PUBLIC_API_URL is a loopback address, or resolves to one. */
  publicApiIsLoopback: boolean;
}

export type Decision =
  | { kind: "refuse"; status: number; message: string }
  /** Joins the company of the role, or of whoever sent the invitation. */
  | { kind: "join" }
  /** `activation`: nobody is signed in until the link of a mail is used. */
  | { kind: "found"; activation: "none" | "mail" };

/** Which of the three public doors a sign-up passes; the checks stand in the original's order. */
export function decideSignup(facts: SignupFacts, settings: DoorSettings): Decision {
  if (facts.emailIsUsed) return refuse(422, "Email is already in use");
  if (facts.role === null) return refuse(406, "Role not found");
  return facts.role === undefined ? organisationDoor(facts, settings) : roleDoor(facts.role, facts, settings);
}

function roleDoor(
  role: NonNullable<SignupFacts["role"]>,
  facts: SignupFacts,
  settings: DoorSettings,
): Decision {
  if (role.paid && facts.paidUserLimitFault !== undefined) return refuse(500, facts.paidUserLimitFault);
  if (role.invited) return { kind: "join" };
  if (settings.invitationViaEmail) {
    return refuse(406, "You are not invited to this organization for this role");
  }
  // The hole of the original: a role that names its company needs no invitation at all.
  return role.hasCompany ? { kind: "join" } : refuse(500, "Index 0 out of bounds for length 0");
}

function organisationDoor(facts: SignupFacts, settings: DoorSettings): Decision {
  const allowed = settings.allowedOrganizationAdmins;
  const listed = allowed.some((admin) => admin.toLowerCase() === facts.email.toLowerCase());
  if (allowed.length > 0 && !listed) {
    return refuse(406, "You are not allowed to create an account without being invited");
  }
  if (facts.secondCompanyNeedsLicence) return refuse(403, "You need a license to create another company");
  if (facts.paidUserLimitFault !== undefined) return refuse(500, facts.paidUserLimitFault);
  if (settings.publicApiIsLoopback || !settings.invitationViaEmail)
    return { kind: "found", activation: "none" };
  if (!settings.mailEnabled) {
    return refuse(406, "Please enable mails and configure SMTP in the environment variables");
  }
  return { kind: "found", activation: facts.demo ? "none" : "mail" };
}

function refuse(status: number, message: string): Decision {
  return { kind: "refuse", status, message };
}
