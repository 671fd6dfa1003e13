/*
 * Module constructors: code that registers itself before main() and runs when the program asks for
 * it.
 */
#ifndef QOM_MODULE_H
#define QOM_MODULE_H

typedef enum {
    MODULE_INIT_QOM,  /* type registration */
    MODULE_INIT_OPTS, /* option tables of a program */
    MODULE_INIT_MAX
} module_init_type;

/*
 * Files @function under @type from a constructor, so linking an object file is enough to have its
 * types. A static archive drops such objects; the project's folders are CMake OBJECT libraries for
 * that reason.
 */
#define module_init(function, type)                                                                \
    static void __attribute__((constructor)) do_module_init_##function(void)                       \
    {                                                                                              \
        register_module_init(function, type);                                                      \
    }

#define type_init(function) module_init(function, MODULE_INIT_QOM)

/* Appends @fn to the list of @type. Safe from constructors and from any thread. */
void register_module_init(void (*fn)(void), module_init_type type);

/*
 * Runs every function filed under @type that has not run yet, in order of registration. Calling it
 * again, or from several threads at once, runs nothing twice; when it returns all of them have
 * finished.
 */
void module_call_init(module_init_type type);

#endif
