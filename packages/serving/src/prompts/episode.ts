import type { RgbImage } from "@pixelvla/data";
import { badPrompt } from "../errors.ts";
import type { ServedPrompt } from "../observation/visual-prompt.ts";
import type { PolicyInfo } from "../policy/served-policy.ts";
import type { FollowedObject, Follower } from "./follower.ts";
import type { PromptModelPool } from "./prompt-models.ts";

/** One episode of one client: counts its queries and follows the prompted object, once there is one. */
export class Episode {
  readonly #openModels: () => Promise<PromptModelPool>;
  readonly #policy: PolicyInfo;
  #visit = 0;
  #follower: Follower | undefined;

  /** @param openModels asked for with the first prompt; what follows objects is only loaded then */
  constructor(openModels: () => Promise<PromptModelPool>, policy: PolicyInfo) {
    this.#openModels = openModels;
    this.#policy = policy;
  }

  nextVisit(): number {
    return this.#visit++;
  }

  /** As `Follower.look`. */
  async look(image: RgbImage, prompt: ServedPrompt | undefined): Promise<FollowedObject | undefined> {
    if (this.#follower === undefined) {
      if (prompt === undefined) return undefined;
      if (!this.#policy.takesPrompts)
        throw badPrompt(`a prompt for "${this.#policy.name}"`, "a policy with a pixel or prompt encoder");
      const { Follower } = await import("./follower.ts");
      this.#follower = new Follower(await this.#openModels(), this.#policy);
    }
    return this.#follower.look(image, prompt);
  }

  async end(): Promise<void> {
    await this.#follower?.end();
  }
}
