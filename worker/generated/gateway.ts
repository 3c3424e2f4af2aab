// Written by `npm run generate`. Do not edit.
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
         * @description As EngageLab's operation, with at most 64 KiB, and with at most 100 names that are held of one user. It is
         *     delivered at once, with one attempt, where nothing older is pending for these names; otherwise, or where the
         *     attempt brings no answer, it is stored and delivered later.
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
        /** What became of the values, by contact name */
        get: operations["getContactState"];
        put?: never;
        post?: never;
        /** Forget what is held for a user */
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
        /** The users of whom values are parked */
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
        /** Try again what is parked, of all users */
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
        /** Try again what is parked of one user */
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
         * Whether the gateway is configured and can work
         * @description The message is `ok`, or `degraded` while EngageLab refuses the gateway's credentials.
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
        /** A page to try the gateway with, where CONSOLE is on */
        get: operations["getPage"];
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
export interface components {
    schemas: {
        SetContactRequest: {
            /** @description A JSON integer literal, or its digits as a string. */
            euid: components["schemas"]["Euid"] | string;
            contacts: components["schemas"]["Contacts"] & {
                [key: string]: string;
            };
        };
        States: {
            /** @description Decimal digits */
            euid: string;
            contacts: {
                [key: string]: {
                    /** @enum {string} */
                    state: "pending" | "delivered" | "parked";
                    /**
                     * Format: date-time
                     * @description When it came into this state, for a pending one later by what pauses took
                     */
                    since: string;
                    attempts: number;
                    /**
                     * @description Why it is parked. EngageLab refused it with 55014, did so after an attempt in doubt (so it may be set),
                     *     refused it with another code; or a day of attempts was in vain.
                     * @enum {string}
                     */
                    reason?: "conflict" | "set_or_conflicting" | "refused" | "expired";
                };
            };
        };
        ParkedPage: {
            euids: string[];
            /** @description `after` of the next page; absent on the last */
            next?: string;
        };
        Health: {
            /** @description Since when EngageLab refuses the credentials, in ms since the epoch */
            paused?: number;
            /** @description Users of whom values are parked */
            parked: number;
            /** @description Users that the office still has to wake, after a pause or to have their parked values tried again */
            waiting: number;
        };
        /**
         * Format: int64
         * @description The unique id of a user: a signed 64-bit integer ("Long"). Ids above 2^31 are printed in the vendor's
         *     docs; ids above 2^53, which a JavaScript number can't hold, are allowed by the type.
         * @example 10362473
         * @example 10000091198
         */
        Euid: number | bigint;
        /**
         * @description From the name of a contact to its value. The page restricts neither; the four names here are those of
         *     the vendor's client SDKs, and any other is allowed. That one contact at least must be given is inferred:
         *     there would be nothing to set.
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
            /** @description 0 for success or partial success, anything else for a failure. */
            code: number;
            /** @description What happened, in words. */
            message: string;
        };
    };
    responses: {
        /** @description Too many requests of this caller. */
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
                /** @description `respond-async`: store at once, deliver later. */
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
            200: components["responses"]["Envelope"];
            /**
             * @description Stored: this value, or a newer accepted one for the same contact name, will be answered with 0 by
             *     EngageLab, or be listed as parked.
             */
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
             * @description EngageLab refused values with 55014, and nothing of them is kept; the message names them where others were not
             *     refused.
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
            /** @description EngageLab refused values with another code. */
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
            /** @description The states. There are none where the gateway has nothing of this user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope"] & {
                        data: components["schemas"]["States"];
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
                /** @description The last EUID of the page before */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of at most 100, in the order of the digits as text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope"] & {
                        data: components["schemas"]["ParkedPage"];
                    };
                };
            };
            401: components["responses"]["Envelope"];
            403: components["responses"]["Envelope"];
            404: components["responses"]["Envelope"];
            429: components["responses"]["Throttled"];
            503: components["responses"]["Envelope"];
        };
    };
    retryAllParked: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["Envelope"];
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
            /** @description With details for operators. */
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
    getPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. It brings all that it needs, and holds no secret. */
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
