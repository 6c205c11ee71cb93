import { serve } from "../bridge/serve.ts";
import { providerService } from "../bridge/service.ts";
import { digitalocean } from "./provider.ts";

await serve(providerService(digitalocean));
