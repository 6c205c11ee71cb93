import { describe, expect, test } from "vitest";
import { AtlasApiError, AtlasAuthError } from "../../../client/index.ts";
import {
  clientOf,
  ME,
  PASSWORD,
  REFRESH,
  refusal,
  rejection,
  SIGN_IN,
  signedIn,
  tokens,
  USER,
  VirtualClock,
} from "./fixtures.ts";
import { type Received, ScriptedServer } from "./scripted-server.ts";

const bearer = (request: Received | undefined) => request?.headers.authorization;

describe("signing out and changing the password", () => {
  test("sign-out tells the server, and the next call signs in after the second is over", async () => {
    await using server = await ScriptedServer.start();
    const clock = new VirtualClock();
    server
      .on(SIGN_IN, signedIn)
      .on("POST /auth/logout", { json: { success: true, message: "Logged out successfully" } })
      .on(ME, { json: USER });
    await using client = clientOf(server, {}, clock);
    await client.me();
    expect(client.isSignedIn).toBe(true);
    await client.signOut();
    expect(client.isSignedIn).toBe(false);
    await client.me();
    expect(server.count(SIGN_IN)).toBe(2);
    expect(clock.slept).toEqual([1_050]);
  });

  test("sign-out without a session asks nothing", async () => {
    await using server = await ScriptedServer.start();
    await using client = clientOf(server);
    await client.signOut();
    expect(server.received).toEqual([]);
  });

  test("the token that a change of password returns is never used, its refresh token is", async () => {
    await using server = await ScriptedServer.start();
    const clock = new VirtualClock();
    const [changed, refreshed] = [tokens(), tokens()];
    server
      .on(SIGN_IN, signedIn)
      .on("POST /auth/updatepwd", { json: changed })
      .on(REFRESH, { json: refreshed })
      .on(ME, { json: USER });
    await using client = clientOf(server, {}, clock);
    await client.changePassword(PASSWORD, "An0ther-horse-9");
    await client.me();
    expect(clock.slept).toEqual([1_050]);
    expect(server.requests(REFRESH)[0]?.body).toEqual({ refreshToken: changed.refreshToken });
    expect(bearer(server.requests(ME)[0])).toBe(`Bearer ${refreshed.accessToken}`);
  });

  test("later sign-ins use the new password", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on("POST /auth/updatepwd", signedIn).on(ME, { json: USER });
    await using client = clientOf(server);
    await client.changePassword(PASSWORD, "An0ther-horse-9");
    client.forgetSession();
    await client.me();
    expect(server.requests(SIGN_IN).at(-1)?.body).toMatchObject({ password: "An0ther-horse-9" });
  });

  test("a wrong old password is an AtlasAuthError and leaves the session as it was", async () => {
    await using server = await ScriptedServer.start();
    server
      .on(SIGN_IN, signedIn)
      .on("POST /auth/updatepwd", refusal(406, "Bad credentials"))
      .on(ME, { json: USER });
    await using client = clientOf(server);
    const error = await rejection(client.changePassword("wrong-horse-99", "An0ther-horse-9"), AtlasAuthError);
    expect(error.message).toContain("The old password is not right");
    await client.me();
    expect(server.count(SIGN_IN)).toBe(1);
  });

  test("a lost answer to a change is resolved by signing in with the new password", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on("POST /auth/updatepwd", { fault: "reset" }).on(ME, { json: USER });
    await using client = clientOf(server);
    await client.changePassword(PASSWORD, "An0ther-horse-9");
    expect(server.count("POST /auth/updatepwd")).toBe(1);
    expect(server.requests(SIGN_IN).at(-1)?.body).toMatchObject({ password: "An0ther-horse-9" });
  });

  test("a lost answer to a change that had no effect stays an error, and the old password stays", async () => {
    await using server = await ScriptedServer.start();
    const byPassword = ({ body }: Received) =>
      JSON.stringify(body).includes(PASSWORD) ? signedIn() : refusal(403, "Invalid credentials");
    server.on(SIGN_IN, byPassword).on("POST /auth/updatepwd", { fault: "reset" }).on(ME, { json: USER });
    await using client = clientOf(server);
    const error = await rejection(client.changePassword(PASSWORD, "An0ther-horse-9"), AtlasApiError);
    expect(error.details.outcome).toBe("unknown");
    await expect(client.me()).resolves.toMatchObject({ id: 2 });
  });

  test("calls that run during a change of password wait for it and do not spend the old refresh token", async () => {
    await using server = await ScriptedServer.start();
    const gate = Promise.withResolvers<void>();
    const clock = new VirtualClock();
    server
      .on(SIGN_IN, signedIn)
      .on("POST /auth/updatepwd", () => gate.promise.then(signedIn))
      .on(REFRESH, signedIn)
      .on(ME, { json: USER });
    await using client = clientOf(server, {}, clock);
    await client.signIn();
    const change = client.changePassword(PASSWORD, "An0ther-horse-9");
    await expect.poll(() => server.count("POST /auth/updatepwd")).toBe(1);
    const call = client.me();
    gate.resolve();
    await Promise.all([change, call]);
    expect([server.count(SIGN_IN), server.count(REFRESH)]).toEqual([1, 1]);
  });
});
