/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Short names for what replies are made of.
 */
#ifndef NPAD_JSON_ADD_H
#define NPAD_JSON_ADD_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

static inline void json_add_string(struct json_object *object, const char *key,
				   const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

static inline void json_add_bool(struct json_object *object, const char *key,
				 bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}

static inline void json_add_number(struct json_object *object, const char *key,
				   uint64_t value)
{
	json_object_object_add(object, key, json_object_new_int64(value));
}

static inline void json_add_double(struct json_object *object, const char *key,
				   double value)
{
	json_object_object_add(object, key, json_object_new_double(value));
}

#endif
