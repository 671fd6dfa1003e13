/* Register tables. */
#include "models/core/registers.h"

const RegisterInfo *register_find(const RegisterMap *map, hwaddr offset)
{
    hwaddr guess = offset / sizeof(uint32_t);

    /* Most maps have no gaps. */
    if (guess < map->count && map->rows[guess].offset == offset) {
        return &map->rows[guess];
    }
    for (size_t i = 0; i < map->count; i++) {
        if (map->rows[i].offset == offset) {
            return &map->rows[i];
        }
    }
    return NULL;
}

static uint32_t *field_of(const RegisterInfo *reg, const void *state)
{
    return (uint32_t *)(void *)((char *)state + reg->field);
}

uint32_t register_read(const RegisterInfo *reg, const void *state)
{
    return *field_of(reg, state);
}

bool register_is_read_only(const RegisterInfo *reg)
{
    return !(reg->writable | reg->write_1_clear);
}

void register_write(const RegisterInfo *reg, void *state, uint32_t value)
{
    uint32_t *field = field_of(reg, state);

    *field = (*field & ~reg->writable) | (value & reg->writable);
    *field &= ~(value & reg->write_1_clear);
    if (reg->hook) {
        reg->hook(state);
    }
}

void register_reset_all(const RegisterMap *map, void *state)
{
    for (size_t i = 0; i < map->count; i++) {
        *field_of(&map->rows[i], state) = map->rows[i].reset;
    }
}

const RegisterMap *register_map_of(Object *obj)
{
    ObjectClass *klass = object_class_dynamic_cast(object_get_class(obj), TYPE_REGISTER_BANK);

    return klass ? REGISTER_BANK_CLASS(klass)->map : NULL;
}

static const TypeInfo register_types[] = {
    {
        .name = TYPE_REGISTER_BANK,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(RegisterBankClass),
    },
};

DEFINE_TYPES(register_types)
