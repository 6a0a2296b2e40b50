# What scripts/checks/labs asks of one lab. Each line of the input begins with what it
# is: "mark" and "test" with an exercise's number, "text" with a line of
# EXERCISES.md, "row" with one of the table, which comes last.

function tell(words) { print lab "/" words }

function underscored(id) {
    sub(/\./, "_", id)
    return id
}

$1 == "mark" { marked[$2] = 1 }
$1 == "test" { tested[$2] = 1 }

$1 == "text" && $2 == "##" {
    section = $3
    if (section in heading)
        tell("EXERCISES.md: " section " is there twice")
    heading[section] = $4
    sub(/:$/, "", heading[section])
}
$1 == "text" && $2 ~ /^\*(easy|medium|hard),$/ {
    level[section] = substr($0, 6)
}
$1 == "text" && $2 == "**Hint" && NF > 3 { hints[section] = hints[section] $3 }
$1 == "text" && $2 ~ /^\*\*(Goal|Why|Read|Contract)\.\*\*$/ && NF > 2 {
    parts[section]++
}
$1 == "text" && section == "Questions" && $2 ~ /^[0-9]+\.$/ { questions++ }

function check_section(id,    want) {
    want = "*" $4 ", about " $5 " minutes*"
    if (heading[id] != "`" $8 "`")
        tell("EXERCISES.md: no section \"## " id " `" $8 "`\"")
    else if (level[id] != want)
        tell("EXERCISES.md: " id ": not \"" want "\", as in the table")
    else if (hints[id] != "1.**2.**3.**")
        tell("EXERCISES.md: " id ": not three hints")
    else if (parts[id] != 4)
        tell("EXERCISES.md: " id ": not Goal, Why, Read and Contract")
}

$1 == "row" && NF > 1 {
    id = $2
    if (NF != 8 || $3 !~ /^[0-9]+$/ || $4 !~ /^(easy|medium|hard)$/ ||
        $5 !~ /^[0-9]+$/ || $6 !~ /^(plain|userns|kernel)$/) {
        tell("exercises: " id ": not a row as labs/README.md tells")
        next
    }
    if (id in row)
        tell("exercises: " id " is there twice")
    n = split($7, needs, ",")
    for (i = 1; i <= n && $7 != "-"; i++)
        if (!(needs[i] in row))
            tell("exercises: " id " needs " needs[i] ", which is not above")
    if (!(id in marked))
        tell("exercises: no source has \"@lab " id "\"")
    if (!(id in tested))
        tell("exercises: no test is called lab_" underscored(id) "_")
    row[id] = 1
    points += $3
    check_section(id)
}

END {
    for (id in marked)
        if (!(id in row))
            tell("exercises: no row for " id)
    if (points != 100)
        tell("exercises: " points + 0 " points, not 100")
    if (questions < 4)
        tell("EXERCISES.md: fewer than four questions")
}
