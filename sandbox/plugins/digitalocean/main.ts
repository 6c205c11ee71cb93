import { serve } from "../bridge/serve.ts";
import { digitalocean } from "./provider.ts";

await serve(digitalocean);
