// Written by `npm run generate` from openapi/. Do not edit.
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
        /** Set contact information through the gateway */
        post: operations["setContact"];
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
        /** Whether the gateway is configured and can work */
        get: operations["getHealth"];
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
        SetContactRequest: {
            euid: components["schemas"]["Euid"];
            contacts: components["schemas"]["Contacts"];
        };
        Envelope: {
            /** @description 0 for success or partial success, anything else for a failure. */
            code: number;
            /** @description What happened, in words. */
            message: string;
        };
    };
    responses: {
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
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
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
            200: components["responses"]["Envelope"];
            400: components["responses"]["Envelope"];
            401: components["responses"]["Envelope"];
            405: components["responses"]["Envelope"];
            409: components["responses"]["Envelope"];
            413: components["responses"]["Envelope"];
            415: components["responses"]["Envelope"];
            502: components["responses"]["Envelope"];
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
            200: components["responses"]["Envelope"];
            503: components["responses"]["Envelope"];
        };
    };
}
