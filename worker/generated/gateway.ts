// Written by `npm run generate`. Do not edit.
/** The operations of the spec, by path and method. */
export interface paths {
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
         * Set contact information through the gateway
         * @description Like EngageLab's operation. The body has at most 64 KiB. The gateway holds at most 100 names and 512 KiB of values
         *     per user.
         *
         *     The update is stored and sent at once. The response waits up to 5 s for the first attempt, unless an older value
         *     of one of these names is still pending. If there is no definite result by then, the response is 202 and the
         *     gateway keeps retrying.
         */
        post: operations["setContact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/user/contact/{euid}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The canonical decimal digits of a signed 64-bit integer */
                euid: components["parameters"]["Euid"];
            };
            cookie?: never;
        };
        /** Get the delivery state of a user's contacts */
        get: operations["getContactState"];
        put?: never;
        post?: never;
        /**
         * Delete everything the gateway holds for a user
         * @description A request that is already running can't be cancelled.
         */
        delete: operations["forgetContact"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/parked": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the users with parked values */
        get: operations["listParked"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/parked/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retry the parked values of one page of users
         * @description Call it again with `after` set to `next` until `next` is absent.
         */
        post: operations["retryAllParked"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/parked/{euid}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The canonical decimal digits of a signed 64-bit integer */
                euid: components["parameters"]["Euid"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Retry the parked values of one user */
        post: operations["retryParked"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the gateway is configured and works
         * @description The message is `ok`, or `degraded` while EngageLab refuses the gateway's credentials. Public responses may be
         *     cached for 5 s.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The console, if CONSOLE is on */
        get: operations["getConsole"];
        put?: never;
        post?: never;
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
        SetContactRequest: {
            /** @description A JSON integer literal, or its digits as a string. */
            euid: components["schemas"]["Euid"] | string;
            contacts: components["schemas"]["Contacts"] & {
                [key: string]: string;
            };
        };
        ContactStates: {
            /** @description Decimal digits */
            euid: string;
            contacts: {
                [key: string]: components["schemas"]["ContactState"];
            };
        };
        ContactState: {
            /**
             * @description `pending`: an attempt is running or will follow. `delivered`: EngageLab returned code 0. `refused`: EngageLab
             *     refused the value and the caller was told, so the value was dropped. `parked`: the gateway stopped trying and
             *     keeps the value for an operator.
             * @enum {string}
             */
            state: "pending" | "delivered" | "refused" | "parked";
            /** @description Requests sent, except those refused because of the gateway's own credentials */
            attempts: number;
            /**
             * Format: date-time
             * @description When the value entered this state
             */
            since: string;
            /**
             * Format: date-time
             * @description When the next attempt is due; only if pending
             */
            nextAttempt?: string;
            lastError?: components["schemas"]["LastError"];
            reason?: components["schemas"]["ParkReason"];
        };
        /** @description Why the last attempt failed. Never EngageLab's text. */
        LastError: {
            /** @description `kind` of the client's error: api, response, network or timeout */
            kind: string;
            /** @description EngageLab's code */
            code?: number;
            /** @description The HTTP status of a response without a code */
            status?: number;
        };
        /**
         * @description Why a value is parked or refused. `conflict`: code 55014. `set_or_conflicting`: code 55014 after an attempt without
         *     an answer, so the value may be set. `refused`: another code. `expired`: 200 attempts failed.
         * @enum {string}
         */
        ParkReason: "conflict" | "set_or_conflicting" | "refused" | "expired";
        ParkedPage: {
            euids: string[];
            /** @description `after` of the next page; absent on the last page */
            next?: string;
        };
        Health: {
            /** @description Users with a value that waits for another attempt after a failed one. An estimate. */
            pending: number;
            /** @description Users listed with parked values. May include users without any. */
            parked: number;
            /**
             * Format: date-time
             * @description When EngageLab last refused the gateway's credentials; absent once it accepts them
             */
            credentialsRefusedAt?: string;
            /**
             * @description `open` while EngageLab refuses the credentials: the gateway sends only a probe every 30 s.
             * @enum {string}
             */
            breaker: "closed" | "open";
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
        Envelope: {
            /** @description 0 for success or partial success, any other code for a failure. */
            code: number;
            /** @description What happened, as text. */
            message: string;
        };
    };
    responses: {
        /** @description At most 100 EUIDs, in the order of their digits as text. */
        ParkedPage: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Envelope"] & {
                    data: components["schemas"]["ParkedPage"];
                };
            };
        };
        /** @description This caller sent too many requests. */
        Throttled: {
            headers: {
                /** @description Seconds */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Envelope"];
            };
        };
        /** @description An envelope. */
        Envelope: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Envelope"];
            };
        };
    };
    parameters: {
        /** @description The canonical decimal digits of a signed 64-bit integer */
        Euid: string;
        /** @description `next` of the previous page */
        After: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    setContact: {
        parameters: {
            query?: never;
            header?: {
                /** @description `respond-async`: respond with 202 once the update is stored. */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetContactRequest"];
            };
        };
        responses: {
            /** @description EngageLab returned code 0 for these values, which may be a partial success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope"];
                };
            };
            /** @description Stored. This value, or a newer accepted one for the same name, will be delivered, or be listed as parked. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope"];
                };
            };
            400: components["responses"]["Envelope"];
            401: components["responses"]["Envelope"];
            403: components["responses"]["Envelope"];
            /**
             * @description EngageLab refused values with 55014. They are dropped. If only some were refused, the message names them;
             *     the others are delivered or stored.
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope"];
                };
            };
            413: components["responses"]["Envelope"];
            415: components["responses"]["Envelope"];
            /** @description The same as 409, with another code of EngageLab. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope"];
                };
            };
            429: components["responses"]["Throttled"];
            503: components["responses"]["Envelope"];
        };
    };
    getContactState: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The canonical decimal digits of a signed 64-bit integer */
                euid: components["parameters"]["Euid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state by contact name, never the values. Empty if the gateway holds nothing for this user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope"] & {
                        data: components["schemas"]["ContactStates"];
                    };
                };
            };
            400: components["responses"]["Envelope"];
            401: components["responses"]["Envelope"];
            403: components["responses"]["Envelope"];
            429: components["responses"]["Throttled"];
            503: components["responses"]["Envelope"];
        };
    };
    forgetContact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The canonical decimal digits of a signed 64-bit integer */
                euid: components["parameters"]["Euid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Envelope"];
            400: components["responses"]["Envelope"];
            401: components["responses"]["Envelope"];
            403: components["responses"]["Envelope"];
            404: components["responses"]["Envelope"];
            429: components["responses"]["Throttled"];
            503: components["responses"]["Envelope"];
        };
    };
    listParked: {
        parameters: {
            query?: {
                /** @description `next` of the previous page */
                after?: components["parameters"]["After"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ParkedPage"];
            401: components["responses"]["Envelope"];
            403: components["responses"]["Envelope"];
            404: components["responses"]["Envelope"];
            429: components["responses"]["Throttled"];
            503: components["responses"]["Envelope"];
        };
    };
    retryAllParked: {
        parameters: {
            query?: {
                /** @description `next` of the previous page */
                after?: components["parameters"]["After"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["ParkedPage"];
            401: components["responses"]["Envelope"];
            403: components["responses"]["Envelope"];
            404: components["responses"]["Envelope"];
            429: components["responses"]["Throttled"];
            503: components["responses"]["Envelope"];
        };
    };
    retryParked: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The canonical decimal digits of a signed 64-bit integer */
                euid: components["parameters"]["Euid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["Envelope"];
            400: components["responses"]["Envelope"];
            401: components["responses"]["Envelope"];
            403: components["responses"]["Envelope"];
            404: components["responses"]["Envelope"];
            429: components["responses"]["Throttled"];
            503: components["responses"]["Envelope"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description With an operator's token, `data` has the details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope"] & {
                        data?: components["schemas"]["Health"];
                    };
                };
            };
            503: components["responses"]["Envelope"];
        };
    };
    getConsole: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page without external resources and without secrets. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            404: components["responses"]["Envelope"];
            503: components["responses"]["Envelope"];
        };
    };
}

/** How many contact names an update may have, and their length in code points. */
export const limits = { maxNames: 20, maxNameLength: 64 } as const;
