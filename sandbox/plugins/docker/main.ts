import { serve } from "../bridge/serve.ts";
import { providerService } from "../bridge/service.ts";
import { docker } from "./provider.ts";

// The engine gives its address as the only argument; this provider has nothing to tell it in between.
await serve(providerService(docker));
