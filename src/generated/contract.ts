// Written by `npm run generate`. Do not edit.
import type { Contract, Examples } from "../contract.ts";
import type { paths } from "./schema.ts";

/** The names of the codes, and `unknown` for a code that is not in the contract. New ones may come with a minor version. */
export type ErrorReason =
  | "authentication_failed"
  | "contact_already_set"
  | "euid_empty"
  | "project_id_illegal"
  | "project_not_found"
  | "data_source_not_found"
  | "invalid_user_attributes"
  | "invalid_request"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "method_not_allowed"
  | "too_large"
  | "unsupported_media_type"
  | "rate_limited"
  | "unavailable"
  | "unknown";

/** What the client reads. */
export const contract: Contract<paths> = {
  "servers": [
    "https://ma-api.engagelab.com"
  ],
  "operations": {
    "POST /v1/user/register": {
      "repeatable": true,
      "body": {
        "type": "object",
        "required": [
          "identity_name",
          "identity_values"
        ],
        "properties": {
          "identity_name": {
            "type": "string",
            "enum": [
              "user_id",
              "anonymous_id",
              "registration_id"
            ]
          },
          "identity_values": {
            "type": "array",
            "maxItems": 100,
            "items": {
              "type": "string",
              "maxLength": 256
            }
          }
        }
      }
    },
    "POST /v1/user/property": {
      "repeatable": {
        "type": [
          "set",
          "delete"
        ]
      },
      "body": {
        "type": "object",
        "required": [
          "euid",
          "type",
          "properties"
        ],
        "properties": {
          "euid": {
            "type": "integer",
            "format": "int64"
          },
          "type": {
            "type": "string",
            "enum": [
              "set",
              "increase",
              "add",
              "remove",
              "delete"
            ]
          },
          "properties": {
            "type": "object"
          }
        }
      }
    },
    "POST /v1/user/contact": {
      "repeatable": true,
      "body": {
        "type": "object",
        "required": [
          "euid",
          "contacts"
        ],
        "properties": {
          "euid": {
            "type": "integer",
            "format": "int64"
          },
          "contacts": {
            "type": "object",
            "minProperties": 1,
            "properties": {
              "email": {
                "type": "string"
              },
              "mobile_phone": {
                "type": "string"
              },
              "landline_phone": {
                "type": "string"
              },
              "whatsapp_phone": {
                "type": "string"
              }
            },
            "additionalProperties": {
              "type": "string"
            }
          }
        }
      }
    },
    "POST /v1/event/report": {
      "repeatable": false,
      "body": {
        "type": "object",
        "required": [
          "data"
        ],
        "properties": {
          "app_key": {
            "type": "string"
          },
          "data": {
            "type": "array",
            "items": {
              "type": "object",
              "required": [
                "euid",
                "event_name",
                "itime",
                "properties"
              ],
              "properties": {
                "euid": {
                  "type": "integer",
                  "format": "int64"
                },
                "event_name": {
                  "type": "string"
                },
                "itime": {
                  "type": "integer",
                  "format": "int64"
                },
                "random_id": {
                  "type": "string"
                },
                "properties": {
                  "type": "object"
                }
              }
            }
          }
        }
      }
    }
  },
  "errorCodes": {
    "40007": {
      "reason": "euid_empty",
      "solution": "Send the EUID of the user."
    },
    "40050": {
      "reason": "authentication_failed",
      "solution": "Check the API key and the API secret."
    },
    "50031": {
      "reason": "project_id_illegal",
      "solution": "Check the API key and the API secret."
    },
    "50034": {
      "reason": "project_not_found",
      "solution": "Check the API key, the API secret and the project."
    },
    "50074": {
      "reason": "data_source_not_found",
      "solution": "Check that the data source of the API key still exists in the MA console."
    },
    "55014": {
      "reason": "contact_already_set",
      "solution": "Check whether the contact is configured as unique in the MA console; another user may have this value."
    },
    "55102": {
      "reason": "invalid_user_attributes",
      "solution": "Check that each attribute exists in the MA console, and that its value and the type of the change fit it."
    },
    "400000": {
      "reason": "invalid_request"
    },
    "401000": {
      "reason": "unauthorized",
      "solution": "Send a token of the gateway."
    },
    "403000": {
      "reason": "forbidden",
      "solution": "Use a token that this route is for, or one for this EUID."
    },
    "404000": {
      "reason": "not_found"
    },
    "405000": {
      "reason": "method_not_allowed"
    },
    "413000": {
      "reason": "too_large"
    },
    "415000": {
      "reason": "unsupported_media_type"
    },
    "429000": {
      "reason": "rate_limited",
      "retryable": true
    },
    "503000": {
      "reason": "unavailable",
      "solution": "Repeat later.",
      "retryable": true,
      "inDoubt": true
    }
  }
};

/** The first example of success of each operation, for servers. Kept apart: a client has no use for it. */
export const successes: Examples["successes"] = {
  "POST /v1/user/register": {
    "code": 0,
    "message": "success",
    "data": [
      {
        "identity_value": "user-1",
        "euid": 10000091198
      },
      {
        "identity_value": "user-2",
        "euid": 10000091199
      }
    ]
  },
  "POST /v1/user/property": {
    "code": 0,
    "message": "success"
  },
  "POST /v1/user/contact": {
    "code": 0,
    "message": "success"
  },
  "POST /v1/event/report": {
    "code": 0,
    "message": "success"
  }
};

/** The envelopes of failures, for servers. */
export const failures = {
  "authentication_failed": {
    "code": 40050,
    "message": "Interface authentication failed"
  },
  "contact_already_set": {
    "code": 55014,
    "message": "Contact exists"
  },
  "euid_empty": {
    "code": 40007,
    "message": "EUID is empty"
  },
  "project_id_illegal": {
    "code": 50031,
    "message": "Project ID illegal"
  },
  "project_not_found": {
    "code": 50034,
    "message": "Project does not exist"
  },
  "data_source_not_found": {
    "code": 50074,
    "message": "API data source does not exist"
  },
  "invalid_user_attributes": {
    "code": 55102,
    "message": "Invalid user attributes exist"
  },
  "invalid_request": {
    "code": 400000,
    "message": "The request is not valid"
  },
  "unauthorized": {
    "code": 401000,
    "message": "A valid token is required"
  },
  "forbidden": {
    "code": 403000,
    "message": "This token does not allow that"
  },
  "not_found": {
    "code": 404000,
    "message": "There is no such route"
  },
  "method_not_allowed": {
    "code": 405000,
    "message": "The route does not take this method"
  },
  "too_large": {
    "code": 413000,
    "message": "The body is larger than 64 KiB"
  },
  "unsupported_media_type": {
    "code": 415000,
    "message": "The body must have no Content-Encoding"
  },
  "rate_limited": {
    "code": 429000,
    "message": "Too many requests of this caller"
  },
  "unavailable": {
    "code": 503000,
    "message": "The gateway can't work now"
  }
} as const;
