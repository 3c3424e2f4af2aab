// Written by `engagelab-ma generate` from ma.yaml. Do not edit.
import type { Contract, Examples, Schema } from "../contract.ts";

/** The operations of the spec, by path and method. */
export interface paths {
    "/v1/user/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Obtain EUIDs
         * @description Returns the EUIDs of users by another identity. With `user_id`, it creates users that don't exist, so it is a
         *     write. For the same identity it returns the same EUID.
         *
         *     Not documented: the error codes (the one for failed authentication is inferred from the other operations), when
         *     an identity is missing from the response, whether the other kinds of identity create users too, and whether the
         *     list may be empty.
         */
        post: operations["getEuids"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/user/property": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set user attributes
         * @description Changes attributes of the user with the given EUID. `type` says how.
         *
         *     The response is only an envelope.
         *
         *     Not documented: what exactly each `type` does and which values it takes, whether an attribute must exist
         *     in the console first, and how many may be sent at once.
         */
        post: operations["setProperties"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/user/contact": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set contact information
         * @description Sets the contact information (mobile phone, email, …) of the user with the given EUID. App notifications, SMS,
         *     emails, WhatsApp messages and so on are sent there.
         *
         *     The response is only an envelope. With `code` 0, a full success can't be told from a partial one.
         *
         *     The vendor's page prints `{"code":0,"message":"success"}` under "All Failed" too. That is a mistake:
         *     the Chinese page shows `{"code":55014,"message":"Contact exists"}` there.
         *
         *     Not documented: whether sending a user's own value again returns 55014, how to remove a contact, and which
         *     formats of phone numbers are accepted.
         */
        post: operations["setContact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/event/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report events
         * @description Records events of users, each with its own time.
         *
         *     Not documented: the error codes (the one for failed authentication is inferred from the other operations), how
         *     many events one request may have (100 in the vendor's SmartOP API), and whether events with the same `random_id`
         *     count once. So sending a request again may count its events twice.
         */
        post: operations["reportEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
/** The schemas of the spec, by name. */
export interface components {
    schemas: {
        GetEuidsRequest: {
            /**
             * @description The kind of the identities. `user_id` is the id in the caller's own system: users that don't exist are created.
             * @enum {string}
             */
            identity_name: "user_id" | "anonymous_id" | "registration_id";
            /** @description The identities, each of at most 256 characters. Both limits are documented. */
            identity_values: string[];
        };
        GetEuidsResult: components["schemas"]["Envelope"] & {
            /** @description The identities that have an EUID. */
            data?: {
                /** @description The identity as it was sent */
                identity_value: string;
                euid: components["schemas"]["Euid"];
            }[];
        };
        SetPropertiesRequest: {
            euid: components["schemas"]["Euid"];
            /**
             * @description What to do with each attribute: `set` its value, `increase` a number, `add` to a list, `remove` from
             *     a list, `delete` the attribute. Inferred from the names.
             * @enum {string}
             */
            type: "set" | "increase" | "add" | "remove" | "delete";
            /**
             * @description Values by attribute name. The vendor's page shows a number, a string, a list of strings, and a date-time as
             *     the string `YYYY-MM-DD HH:mm:ss`.
             */
            properties: {
                [key: string]: unknown;
            };
        };
        ReportEventsRequest: {
            /** @description The AppKey that the events belong to. The effect of leaving it out is not documented. */
            app_key?: string;
            /** @description The events. */
            data: components["schemas"]["Event"][];
        };
        Event: {
            euid: components["schemas"]["Euid"];
            /** @description The name of the event */
            event_name: string;
            /**
             * Format: int64
             * @description When it happened, in ms since the Unix epoch.
             */
            itime: number | bigint;
            /** @description Identifies the report */
            random_id?: string;
            /** @description Values by name of the event's property. */
            properties: {
                [key: string]: unknown;
            };
        };
        Envelope: {
            /** @description 0 for success or partial success, any other code for a failure. */
            code: number;
            /** @description What happened, as text. */
            message: string;
        };
        /**
         * Format: int64
         * @description The unique id of a user: a signed 64-bit integer ("Long"). The vendor's docs show ids above 2^31. The type also
         *     allows ids above 2^53, which a JavaScript number can't hold.
         * @example 10362473
         * @example 10000091198
         */
        Euid: number | bigint;
        /**
         * @description Values by contact name. The page restricts neither. The four names here are those of the vendor's client SDKs;
         *     any other name is allowed. That at least one contact is required is inferred: otherwise there is nothing to set.
         */
        Contacts: {
            /** @description Email address */
            email?: string;
            /** @description Mobile phone number */
            mobile_phone?: string;
            /** @description Landline phone number */
            landline_phone?: string;
            /** @description WhatsApp phone number */
            whatsapp_phone?: string;
        } & {
            [key: string]: string;
        };
        SetContactRequest: {
            euid: components["schemas"]["Euid"];
            contacts: components["schemas"]["Contacts"];
        };
    };
    responses: {
        /** @description An envelope. The HTTP status of a failure is not documented. */
        Envelope: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Envelope"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getEuids: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GetEuidsRequest"];
            };
        };
        responses: {
            /** @description An envelope with the EUIDs. The HTTP status for a `code` other than 0 is not documented. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GetEuidsResult"];
                };
            };
            default: components["responses"]["Envelope"];
        };
    };
    setProperties: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetPropertiesRequest"];
            };
        };
        responses: {
            /** @description An envelope. The HTTP status for a `code` other than 0 is not documented. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope"];
                };
            };
            default: components["responses"]["Envelope"];
        };
    };
    setContact: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetContactRequest"];
            };
        };
        responses: {
            /** @description An envelope. The HTTP status for a `code` other than 0 is not documented. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope"];
                };
            };
            default: components["responses"]["Envelope"];
        };
    };
    reportEvents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReportEventsRequest"];
            };
        };
        responses: {
            /** @description An envelope. The HTTP status for a `code` other than 0 is not documented. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope"];
                };
            };
            default: components["responses"]["Envelope"];
        };
    };
}

/** The names of the codes; `unknown` for a code that is not listed. */
export type ErrorReason =
  | "authentication_failed"
  | "contact_already_set"
  | "euid_empty"
  | "project_id_illegal"
  | "project_not_found"
  | "data_source_not_found"
  | "invalid_user_attributes"
  | "unknown";

const Euid: Schema = { type: "integer", format: "int64" };

export const contract: Contract<paths> = {
  servers: ["https://ma-api.engagelab.com"],
  operations: {
    "POST /v1/user/register": {
      repeatable: true,
      body: {
        type: "object",
        required: ["identity_name", "identity_values"],
        properties: {
          identity_name: { type: "string", enum: ["user_id", "anonymous_id", "registration_id"] },
          identity_values: { type: "array", maxItems: 100, items: { type: "string", maxLength: 256 } },
        },
      },
    },
    "POST /v1/user/property": {
      repeatable: { type: ["set", "delete"] },
      body: {
        type: "object",
        required: ["euid", "type", "properties"],
        properties: {
          euid: Euid,
          type: { type: "string", enum: ["set", "increase", "add", "remove", "delete"] },
          properties: { type: "object" },
        },
      },
    },
    "POST /v1/user/contact": {
      repeatable: true,
      body: {
        type: "object",
        required: ["euid", "contacts"],
        properties: {
          euid: Euid,
          contacts: {
            type: "object",
            minProperties: 1,
            properties: {
              email: { type: "string" },
              mobile_phone: { type: "string" },
              landline_phone: { type: "string" },
              whatsapp_phone: { type: "string" },
            },
            additionalProperties: { type: "string" },
          },
        },
      },
    },
    "POST /v1/event/report": {
      repeatable: false,
      body: {
        type: "object",
        required: ["data"],
        properties: {
          app_key: { type: "string" },
          data: {
            type: "array",
            items: {
              type: "object",
              required: ["euid", "event_name", "itime", "properties"],
              properties: {
                euid: Euid,
                event_name: { type: "string" },
                itime: { type: "integer", format: "int64" },
                random_id: { type: "string" },
                properties: { type: "object" },
              },
            },
          },
        },
      },
    },
  },
  errorCodes: {
    40007: { reason: "euid_empty", solution: "Send the EUID of the user." },
    40050: { reason: "authentication_failed", solution: "Check the API key and the API secret." },
    50031: { reason: "project_id_illegal", solution: "Check the API key and the API secret." },
    50034: { reason: "project_not_found", solution: "Check the API key, the API secret and the project." },
    50074: {
      reason: "data_source_not_found",
      solution: "Check that the data source of the API key still exists in the MA console.",
    },
    55014: {
      reason: "contact_already_set",
      solution: "Check whether the contact is configured as unique in the MA console; another user may have this value.",
    },
    55102: {
      reason: "invalid_user_attributes",
      solution: "Check that each attribute exists in the MA console, and that it allows the value and the type of change.",
    },
  },
};

/** For servers only. */
export const successes: Examples["successes"] = {
  "POST /v1/user/register": {
    code: 0,
    message: "success",
    data: [
      { identity_value: "user-1", euid: 10000091198 },
      { identity_value: "user-2", euid: 10000091199 },
    ],
  },
};

/** For servers only. */
export const failures = {
  authentication_failed: { code: 40050, message: "Interface authentication failed" },
  contact_already_set: { code: 55014, message: "Contact exists" },
  euid_empty: { code: 40007, message: "EUID is empty" },
  project_id_illegal: { code: 50031, message: "Project ID illegal" },
  project_not_found: { code: 50034, message: "Project does not exist" },
  data_source_not_found: { code: 50074, message: "API data source does not exist" },
  invalid_user_attributes: { code: 55102, message: "Invalid user attributes exist" },
} as const;
