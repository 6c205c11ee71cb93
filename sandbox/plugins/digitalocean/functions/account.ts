import { boolean, type FunctionDefinition, number, string } from "../../bridge/schema.ts";
import type { DigitalOcean } from "../client.ts";
import { calling } from "../errors.ts";

interface Account {
  droplet_limit: number;
  floating_ip_limit: number;
  email: string;
  uuid: string;
  email_verified: boolean;
  status: string;
  status_message: string;
}

export const getAccount: FunctionDefinition<DigitalOcean> = {
  inputs: {},
  outputs: {
    dropletLimit: number(),
    email: string(),
    emailVerified: boolean(),
    floatingIpLimit: number(),
    id: string(),
    status: string(),
    statusMessage: string(),
    uuid: string(),
  },
  async call({ client }) {
    const { account } = await calling("Error retrieving account", () =>
      client.get<{ account: Account }>("account"),
    );
    return {
      id: account.uuid,
      uuid: account.uuid,
      dropletLimit: account.droplet_limit,
      floatingIpLimit: account.floating_ip_limit,
      email: account.email,
      emailVerified: account.email_verified,
      status: account.status,
      statusMessage: account.status_message,
    };
  },
};
