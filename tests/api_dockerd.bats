# The same client, once at dockerd and once at us: what it prints, where, and
# with which status it ends. Rows are commands of the shell, played in their
# order against both. Behind a row may stand
#
#     # why ours is another, and
#     > what it says then, instead of what dockerd says
#
# Ids, times and sizes are made equal first (`plain`). dockerd is Debian's 20.10,
# whose API is 1.41; ours is 1.47, and says what Docker of that time does.
load lib/product
load lib/api
load lib/options
load lib/dockerd
load lib/rows

setup_file() {
    dockerd_start || return 0
    product_setup
    ip link set lo up
    remove_all_images
    daemon_start
    rows_setup "$DOCKERD/sock" "$SOCKET"
}
teardown_file() {
    [ -z "${LACKS-}" ] || return 0
    dockerd_stop
    daemon_stop
    assert_clean
}
setup() { skip_lacking; }

@test "dockerd: images come and are told of" {
    rows <<'ROWS'
docker import -m "a message" "$IMPORTED" busybox
docker import -c 'CMD ["sh"]' -c 'ENV A=b' -c 'LABEL k=v' "$IMPORTED" other:1
docker import - X: <"$IMPORTED"
docker import /nosuch
docker images --format '{{.Repository}} {{.Tag}} {{.Size}}' | sort
docker images -q busybox
docker images --filter label=k=v --format '{{.Repository}} {{.Tag}} {{.Digest}}'
# Every image here has a digest (docs/decisions.md, 99).
> status 0
> other 1 sha256:ID
> --- stderr
docker images --filter dangling=true
docker images --filter nosuch=1
docker images --no-trunc other
docker images nosuch
docker tag busybox one:two
docker tag busybox one/two:x
docker tag nosuch one
docker tag busybox UPPER
docker tag busybox a:b:c
# Since 1.44 and 1.45 there is less; where layers lie is each driver's own; ours
# all have a digest.
docker image inspect busybox | fields | without '[.]Container(Config[^ ]*)? |VirtualSize|GraphDriver[.]Data|RepoDigests.\[\]'
docker image inspect other:1 | jq -S '.[0] | del(.Id, .GraphDriver, .RootFS.Layers, .Created, .Metadata, .Size, .VirtualSize, .DockerVersion, .Container, .ContainerConfig, .RepoDigests)'
docker image inspect -f '{{.Config.Env}} {{.Config.Cmd}} {{.Os}}/{{.Architecture}} {{.RootFS.Type}}' other:1
docker image inspect nosuch
# Since 23.0 it is said once.
> status 1
> []
> --- stderr
> Error response from daemon: no such image: nosuch:latest
docker image inspect -f '{{.Nosuch}}' busybox
docker history other:1
docker history -q --no-trunc busybox
docker history nosuch
docker rmi one:two
docker rmi nosuch
docker rmi one/two:x
docker rmi other:1
docker save nosuch >x.tar
docker save -o b.tar busybox && tar tf b.tar | grep -x manifest.json
docker rmi busybox && docker load -i b.tar
docker load -q <b.tar
docker load <"$IMPORTED"
# Before 25.0 what was no archive of images was taken for one of an old format.
> status 1
> --- stderr
> Error response from daemon: invalid archive: does not contain a manifest.json
echo no archive | docker load
# libarchive's words.
> status 1
> --- stderr
> Error response from daemon: read the archive: Unrecognized archive format
docker image prune -f
docker run --pull never nosuch
docker pull 127.0.0.1:1/nosuch
docker push 127.0.0.1:1/nosuch
# 20.10 says so in a stream that it has begun.
> status 1
> Using default tag: latest
> --- stderr
> Error response from daemon: an image does not exist locally with the tag: 127.0.0.1:1/nosuch
docker search --limit 1000 x
ROWS
}

@test "dockerd: containers live and die" {
    rows <<'ROWS'
docker run --rm --network none busybox echo hi
docker run --rm --network none busybox sh -c 'echo out; echo err >&2; exit 3'
echo input | docker run -i --rm --network none busybox cat
docker run --rm --network none busybox nosuchbin
docker run --rm --network none busybox /etc
docker run --rm --network none busybox /nosuch/bin
# runc adds the call that failed.
> status 127
> --- stderr
> docker: Error response from daemon: exec: "/nosuch/bin": no such file or directory
>
> Run 'docker run --help' for more information
docker run --rm --network none -w /made/here busybox pwd
docker run --rm --network none -w relative busybox pwd
docker run --rm --network none -u nosuch busybox id
docker run --rm --network none -u 1:2 busybox id
docker run --rm --network none -e A=b --hostname h busybox sh -c 'echo $A; hostname'
docker run --rm --network nosuch busybox true
docker run --rm --network none -m 1k busybox true
docker run --rm --network none --cpus 1000 busybox true
docker run --rm --network none --cap-add NOSUCH busybox true
docker run --rm --network none --security-opt nosuch busybox true
docker run --rm --network none --security-opt nosuch=1 busybox true
# The number is a place in Docker's source.
> status 125
> --- stderr
> docker: Error response from daemon: invalid --security-opt: "nosuch=1"
>
> Run 'docker run --help' for more information
docker run --rm --network none --runtime nosuch busybox true
# Newer words.
> status 125
> --- stderr
> docker: Error response from daemon: unknown or invalid runtime name: nosuch
>
> Run 'docker run --help' for more information
docker run --rm --network none --ipc nosuch busybox true
docker run --rm --network none --pid container:nosuch busybox true
docker run --rm --network container:nosuch busybox true
docker run --rm --network none --restart sometimes busybox true
docker run --rm --network none -v relative/dir:/x busybox true
docker run --rm --network none -v /nosuch/dir:relative busybox true
docker run --rm --network none --mount type=bind,src=/nosuch/dir,dst=/x busybox true
docker run --rm --network none --mount type=volume,src=bad/name,dst=/x busybox true
docker run --rm --network none --tmpfs /t:size=1m busybox df -k /t | awk 'END {print $2}'
docker run --rm --network none --device /nosuch busybox true
# It is refused before anything is made, and so with 125.
> status 125
> --- stderr
> docker: Error response from daemon: error gathering device information while adding custom device "/nosuch": device /nosuch: No such file or directory
>
> Run 'docker run --help' for more information
docker run --rm --network none --sysctl nosuch=1 busybox true
docker run --rm --network none --ulimit nofile=5:3 busybox true
docker run --rm --network none --read-only busybox touch /x
docker run --rm --network none --init busybox ps -o comm
docker run --rm --network none --stop-signal NOSUCH busybox true
docker run --rm --network none -p 80:70000 busybox true
docker run --rm --network none --log-opt nosuch=1 busybox true
docker run --rm --network none --name / busybox true
docker run --rm --network none --name a busybox true
docker run --rm --network none ''
docker run --rm --network none UPPER
docker create --name one --network none -l k=v busybox sh -c 'echo out; echo err >&2; trap "exit 5" TERM; while :; do sleep 0.1; done'
docker create --name one busybox true
docker create --name two busybox
docker create --name two busybox --nosuch
docker rm two
docker start one
docker start one
docker start nosuch
docker start -a nosuch
until_ok 'docker logs one | grep out'
docker ps --format '{{.Names}} {{.Image}} {{.Command}} {{.State}} {{.Labels}} {{.Networks}} {{.Mounts}} {{.Ports}}'
docker ps
docker ps -a --filter name=one --filter status=running -q --no-trunc
docker ps --filter status=nosuch
# Newer words.
> status 1
> --- stderr
> Error response from daemon: invalid filter 'status=[nosuch]'
docker ps --filter nosuch=1
docker ps --filter label=k --filter ancestor=busybox --format '{{.ID}}'
docker ps --filter exited=x
# Newer words.
> status 1
> --- stderr
> Error response from daemon: invalid filter 'exited=[x]'
docker ps --filter before=nosuch
# The words for every container that is not there.
> status 1
> --- stderr
> Error response from daemon: no such container: nosuch
docker ps -s --format '{{.Size}}'
docker logs one
docker logs --tail 1 one 2>&1 | grep -c '^out$\|^err$' # whichever was read last
docker logs -t --tail 0 one
docker logs --tail x one
docker logs --since 10m --until 5m one
docker logs --since nosuch one
docker logs nosuch
# Newer: no limits of the kernel's memory, more about networks.
docker inspect one | fields | without 'KernelMemory|DNSNames|GwPriority'
docker inspect -s one | jq '.[0] | has("SizeRw"), has("SizeRootFs")'
docker inspect -f '{{.State.Status}} {{.State.Running}} {{.State.ExitCode}} {{.Path}} {{.Args}} {{.Name}} {{.RestartCount}} {{.Driver}} {{.Platform}}' one
# Namespaces of groups are always private here, more paths are hidden (as since
# 25.0), and the runtime is our own.
docker inspect one | jq -S '.[0].HostConfig | del(.CgroupnsMode, .KernelMemory, .KernelMemoryTCP, .MaskedPaths, .Runtime)'
docker inspect one | jq -S '.[0].Config | del(.Hostname)'
# Who is on "none" is on no network, and has no end of one.
docker inspect one | jq -S '.[0].NetworkSettings | del(.SandboxID, .SandboxKey, .Networks.none["DNSNames", "GwPriority", "EndpointID", "NetworkID"])'
docker inspect nosuch
docker inspect --type volume one
docker exec one echo hi
echo input | docker exec -i one cat
docker exec one sh -c 'echo out; echo err >&2; exit 7'
docker exec one nosuchbin
# 127 since 23.0, as of run.
> status 127
> exec: "nosuchbin": executable file not found in $PATH
> --- stderr
docker exec one /etc
docker exec -w /nosuch one pwd
# The words of our own runtime.
> status 126
> working directory: chdir to "/nosuch": No such file or directory
> --- stderr
docker exec -u nosuch one id
docker exec -u 3:4 -e X=y -w /tmp one sh -c 'id; echo $X; pwd'
docker exec -d one sleep 1000
docker exec -d one nosuchbin
docker exec nosuch true
docker exec one ''
# 127 since 23.0.
> status 127
> exec: "": executable file not found in $PATH
> --- stderr
docker top one -o pid,comm | awk '{print $2}' | sort -u
docker top one -o nosuch
docker top nosuch
docker stats --no-stream --format '{{.Name}} {{.NetIO}}' one
docker stats --no-stream nosuch
docker pause one
docker pause one
docker ps --format '{{.Status}}'
docker exec one true
docker stop -t 0 nosuch
docker rm one
# Newer words.
> status 1
> --- stderr
> Error response from daemon: cannot remove container "/one": container is paused and must be unpaused first
docker restart -t 0 nosuch
docker unpause one
docker unpause one
docker port one
docker port one 80
docker port nosuch
docker kill -s NOSUCH one
docker kill -s 0 one
docker kill -s USR1 nosuch
docker rename one one
docker rename one bad/name
# 20.10 puts a slash before the name.
> status 1
> --- stderr
> Error response from daemon: error when allocating new name: Invalid container name (bad/name), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed
> Error: failed to rename container named one
docker rename nosuch two
docker rename one uno
docker update -m 64m --memory-swap 64m uno
docker update -m 1k uno
docker update --restart sometimes uno
# Newer words, which tell what there is.
> status 1
> --- stderr
> Error response from daemon: invalid restart policy: unknown policy 'sometimes'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'
docker update nosuch -m 64m
docker update uno
docker update --cpus 0.5 --restart on-failure:3 uno; docker inspect -f '{{.HostConfig.NanoCpus}} {{.HostConfig.RestartPolicy}}' uno
docker update --restart no uno
docker rm uno
# Newer words.
> status 1
> --- stderr
> Error response from daemon: cannot remove container "/uno": container is running: stop the container before removing or force remove
docker rm nosuch
docker rm -v -f nosuch
docker attach nosuch
docker stop uno
docker wait uno
docker stop uno
docker kill uno
# A small letter since 23.0.
> status 1
> --- stderr
> Error response from daemon: cannot kill container: uno: container ID is not running
docker ps -a --filter exited=5 --format '{{.Names}} {{.Status}}'
docker exec uno true
docker top uno
docker pause uno
docker unpause uno
docker attach uno
docker stats --no-stream --format '{{.Name}} {{.MemUsage}}' uno
docker start uno
docker restart -t 0 uno
docker inspect -f '{{.State.ExitCode}} {{.State.Running}} {{.RestartCount}}' uno
docker kill uno
docker wait uno nosuch
docker rm uno
docker run -d --rm --network none busybox sleep 1000
docker rm -f $(docker ps -q)
docker run -d --name loud --network none busybox sh -c 'sleep 1; exit 4'; docker attach loud
docker start -a loud
docker create -i --name cat --network none busybox cat; echo abc | docker start -ai cat
docker rm loud cat
docker run --cidfile cid --rm --network none busybox true; docker run --cidfile cid --rm busybox true
docker run -d --rm --network none --health-cmd 'exit 0' --health-interval 100ms --name well busybox sleep 1000; until_ok 'docker inspect -f "{{.State.Health.Status}}" well | grep -w healthy'; docker ps --format '{{.Names}} {{.Status}}'
docker inspect -f '{{json .Config.Healthcheck}}' well
docker inspect well | jq '.[0].State.Health' | fields
docker container prune -f
docker rm -f well
ROWS
}

@test "dockerd: files of containers" {
    rows <<'ROWS'
docker run --name made --network none busybox sh -c 'echo hello >/made; rm /bin/arch; mkdir /dir; echo x >/dir/f; ln -s made /link'
docker diff made | sort
docker diff nosuch
docker cp made:/made . && cat made
docker cp made:/made - | tar t
docker cp made:/dir - | tar t
docker cp made:/nosuch .
docker cp made:/link - | tar tv | awk '{print $1, $6, $7, $8}'
docker cp nosuch:/made .
docker cp /nosuch made:/
docker cp made made:/nosuch/dir
echo new >new; docker cp new made:/dir; docker cp made:/dir/new -| tar xO
docker cp new made:/dir/
docker cp new made:/made/x
docker cp made:/made /nosuch/dir/
docker cp new made:/copy; docker diff made | sort
tar c new | docker cp - made:/nosuch
tar c new | docker cp - made:/made
docker cp new other
docker commit -m msg -a me -c 'ENV Z=1' -c 'CMD ["cat", "/made"]' made img:v1
docker run --rm --network none img:v1
docker history --format '{{.CreatedBy}} {{.Comment}}' img:v1
docker image inspect img:v1 | jq -S '.[0] | [.Author, .Comment, .Config.Env, .Config.Cmd]'
docker commit -c 'RUN x' made
# As it was written, since 23.0.
> status 1
> --- stderr
> Error response from daemon: RUN is not a valid change command
docker commit -c 'NOSUCH x' made
# As it was written, since 23.0.
> status 1
> --- stderr
> Error response from daemon: NOSUCH is not a valid change command
docker commit nosuch
docker commit made UPPER
docker commit -p made | cut -c1-7
docker export made | tar t | grep -c -e '^made$' -e '^dir/f$'
docker export nosuch
docker rmi img:v1
docker ps -a --filter ancestor=busybox --format '{{.Names}} {{.Status}}'
docker rmi busybox
docker rm made
docker image prune -f | grep -c sha256
ROWS
}

@test "dockerd: networks and volumes" {
    rows <<'ROWS'
docker network ls --format '{{.Name}} {{.Driver}} {{.Scope}}' | sort
docker network create --subnet 172.28.0.0/16 --gateway 172.28.0.1 --label l=1 net
docker network create net
docker network create --subnet 172.28.0.0/24 over
# Newer words.
> status 1
> --- stderr
> Error response from daemon: invalid pool request: Pool overlaps with other one on this address space
docker network create --subnet bad over
docker network create bridge
docker network create host
docker network create 'bad name' && docker network rm 'bad name'
# 20.10 took any name.
> status 1
> --- stderr
> Error response from daemon: invalid network name: "bad name": only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed
docker network create --subnet 10.1.0.0/24 --gateway 10.2.0.1 over
docker network create --internal -o com.docker.network.bridge.name=inside in
docker network inspect net | fields | without EnableIPv4
docker network inspect net | jq -S '.[0] | del(.Id, .Created, .EnableIPv4)'
docker network inspect in | jq -S '.[0] | del(.Id, .Created, .EnableIPv4, .IPAM.Config)'
docker network inspect host none | jq -S '.[] | del(.Id, .Created, .EnableIPv4)'
# This dockerd may not touch the firewall, and its bridge has its name.
docker network inspect bridge | jq -S '.[] | del(.Id, .Created, .EnableIPv4, .IPAM.Config, .Options["com.docker.network.bridge" + (".name", ".enable_ip_masquerade")])'
docker network inspect nosuch
docker network ls --filter label=l=1 --format '{{.Name}}'
docker network ls --filter driver=nosuch -q
docker network ls --filter type=custom --format '{{.Name}}' | sort
docker network ls --filter type=nosuch
docker network ls --filter nosuch=1
docker run -d --name web --network net --ip 172.28.0.9 --network-alias www --expose 99 busybox sleep 1000
docker inspect web | fields | without 'KernelMemory|DNSNames|GwPriority'
# Names are DNSNames' since 1.45.
docker inspect web | jq -S '.[0].NetworkSettings | del(.SandboxID, .SandboxKey, .Networks.net["DNSNames", "GwPriority", "Aliases"])'
docker exec web cat /etc/hosts | grep -c 172.28.0.9
docker exec web cat /etc/resolv.conf | grep nameserver
docker run --rm --network net --ip 10.0.0.9 busybox true
docker run --rm --network net --ip 172.28.0.9 busybox true
docker run --rm --ip 172.17.0.9 busybox true
docker run --rm --network-alias x busybox true
docker network inspect net | jq -S '.[0].Containers[] | del(.EndpointID, .MacAddress)'
docker network rm net
docker network connect nosuch web
docker network connect net nosuch
docker network connect net web
docker network connect host web
docker network connect in web
docker inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{$v.Aliases}};{{end}}' web
# The short id is one of DNSNames since 1.45.
> status 0
> in [];net [www];
> --- stderr
docker network disconnect in web
docker network disconnect in web
docker network disconnect nosuch web
docker network disconnect net nosuch
docker network rm nosuch
docker network rm bridge
docker network rm in
docker rm -f web
docker network rm net
docker network prune -f
docker run -d --name pub -p 127.0.0.1:18123:80 -p 99/udp busybox sleep 1000 && docker port pub 80
docker inspect -f '{{json .HostConfig.PortBindings}} {{json .Config.ExposedPorts}}' pub
docker run --rm --name late -p 127.0.0.1:18123:80 busybox true
# Newer words; who listens there is not asked.
> status 125
> --- stderr
> docker: Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint late (ID12): failed to bind host port for 127.0.0.1:18123/tcp: address already in use
>
> Run 'docker run --help' for more information
docker port pub 81
docker port pub 80/nosuch
docker rm -f pub
docker volume create --label a=b data
docker volume create data
docker volume create bad/name
docker volume create -o nosuch=1 x
docker volume create x | wc -c
docker volume ls -q
docker volume ls --filter label=a=b --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Labels}}'
docker volume ls --filter dangling=true -q
docker volume ls --filter nosuch=1
docker volume inspect data | jq -S '.[0] | del(.Mountpoint)'
docker volume inspect data | fields
docker volume inspect nosuch
docker run --name user -v data:/data --network none busybox sh -c 'echo x >/data/f'
docker inspect -f '{{range .Mounts}}{{.Type}} {{.Name}} {{.Destination}} {{.Driver}} {{.Mode}} {{.RW}} {{.Propagation}}{{end}}' user
docker volume rm data
docker volume rm nosuch
docker volume rm x
docker volume prune -f
docker run --rm --volumes-from user --network none busybox cat /data/f
docker run --rm --volumes-from nosuch --network none busybox true
docker rm -v user
docker volume rm data
ROWS
}

@test "dockerd: the system, and wrong requests" {
    rows <<'ROWS'
docker version -f '{{.Server.Os}} {{.Server.Arch}}'
# The same build has always the same bytes, so it has no time.
docker version -f '{{json .Server}}' | fields | without 'Components|BuildTime'
docker info -f '{{json .}}' | jq 'del(.ClientInfo, .RegistryConfig, .Plugins, .Swarm, .RuncCommit, .ContainerdCommit, .InitCommit, .Runtimes)' | fields | without 'DriverStatus|KernelMemory|Warnings'
docker info -f '{{.OSType}} {{.Architecture}} {{.NCPU}} {{.MemTotal}} {{.KernelVersion}} {{.Driver}} {{.LoggingDriver}} {{.CgroupVersion}} {{.MemoryLimit}} {{.SwapLimit}} {{.CPUSet}} {{.PidsLimit}} {{.OomKillDisable}}'
docker run --rm --name zebra --network none busybox true; sleep 1.1; docker events --since 1h --until 0s --filter container=zebra --format '{{.Type}} {{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.image}}'
docker events --since 1h --until 0s --filter container=zebra --format '{{json .}}' | head -1 | fields
docker events --since nosuch
docker events --until 0s --since 1h --filter nosuch=1 | head -n 1
# A filter that nobody knows is a mistake, here as for every list.
> status 0
> --- stderr
> Error response from daemon: invalid filter 'nosuch'
docker events --until 1h --since 2h
docker volume create ev; docker volume rm ev; sleep 1.1; docker events --since 1h --until 0s --filter volume=ev --format '{{.Type}} {{.Action}} {{.Actor.ID}} {{json .Actor.Attributes}}'
docker network create ev; docker network rm ev; sleep 1.1; docker events --since 1h --until 0s --filter network=ev --format '{{.Type}} {{.Action}} {{.Actor.Attributes}}'
docker system df --format '{{.Type}} {{.TotalCount}} {{.Active}}'
docker system df -v --format '{{json .}}' | jq -r keys[]
docker node ls
docker service ls
docker plugin ls
docker swarm leave
docker secret ls
docker config ls
docker stack ls
docker system prune -f
ask http://x/nosuch
ask http://x/v1.0/info
# As far back as we go.
> status 0
> {"message":"client version 1.0 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version"}
> 400
> --- stderr
ask http://x/v9.9/info
# As far as we go.
> status 0
> {"message":"client version 9.9 is too new. Maximum supported API version is 1.47"}
> 400
> --- stderr
ask -X POST http://x/containers/create
# 400 since 23.0: the mistake is the client's. So it is below.
> status 0
> {"message":"the request's body is not an object"}
> 400
> --- stderr
ask -H "$JSON" -d '{}' http://x/containers/create
# It is the image that is missing.
> status 0
> {"message":"the request names no image"}
> 400
> --- stderr
ask -H "$JSON" -d '{' http://x/containers/create
# jansson's words.
> status 0
> {"message":"invalid JSON: string or '}' expected near end of file"}
> 400
> --- stderr
ask -H 'Content-Type: text/plain' -d '{}' http://x/containers/create
# Newer words.
> status 0
> {"message":"unsupported Content-Type header (text/plain): must be 'application/json'"}
> 400
> --- stderr
ask -H "$JSON" -d '{"Image":5}' http://x/containers/create
# Go's words are no help.
> status 0
> {"message":"invalid JSON: Image is not a string"}
> 400
> --- stderr
ask -X PUT http://x/info
# What HTTP has for it.
> status 0
> {"message":"method not allowed"}
> 405
> --- stderr
ask "http://x/containers/json?limit=x"
# Go's words are no help.
> status 0
> {"message":"bad value of limit: x is no number"}
> 400
> --- stderr
ask "http://x/containers/json?filters=x"
# jansson's words.
> status 0
> {"message":"invalid filters: '[' or '{' expected near 'x'"}
> 400
> --- stderr
ask http://x/exec/nosuch/json
ask -H "$JSON" -d '{}' http://x/exec/nosuch/start
ask "http://x/containers/nosuch/logs?stdout=1"
ask "http://x/containers/nosuch/logs"
# Which of two mistakes is told.
> status 0
> {"message":"No such container: nosuch"}
> 404
> --- stderr
ask -X POST "http://x/containers/nosuch/wait?condition=nosuch"
# Which of two mistakes is told.
> status 0
> {"message":"invalid condition: \"nosuch\""}
> 400
> --- stderr
ask -X POST "http://x/containers/nosuch/resize?h=x&w=y"
# Go's words are no help.
> status 0
> {"message":"bad value of h: x is no number"}
> 400
> --- stderr
ask -H "$JSON" -d '{}' http://x/networks/create
# Newer words, and 400.
> status 0
> {"message":"invalid network name: name is empty"}
> 400
> --- stderr
ask -X POST "http://x/images/create"
# Newer: 400.
> status 0
> {"message":"neither fromImage nor fromSrc is said"}
> 400
> --- stderr
ask -I http://x/_ping | grep -i -e HTTP -e ^ostype -e ^pragma -e ^cache -e ^docker-exp | tr -d '\r' | sort
ROWS
}

@test "dockerd: terminals, builds, and what is told of all that happens" {
    rows <<'ROWS'
docker import -c 'CMD ["sh"]' "$IMPORTED" shell
docker run -t --rm --network none shell sh -c 'tty; echo out; echo err >&2'
docker run -d -t --name term --network none shell sh -c 'echo hello; sleep 1000' | tr -dc '0-9a-f' | wc -c
until_ok 'docker logs term | grep hello'; docker logs term
docker exec -t term tty
docker run -it --rm --network none shell true
docker exec -it term true
docker inspect -f '{{.Config.Tty}} {{.Config.OpenStdin}} {{.Config.AttachStdout}} {{.Config.StdinOnce}}' term
docker rm -f term
docker run -a stdout --rm --network none shell sh -c 'echo out; echo err >&2'
docker run -a stderr --rm --network none shell sh -c 'echo out; echo err >&2'
docker run -d -a stdout --network none shell true
docker run --rm -d --network none --restart always shell true
docker run --rm --network none --entrypoint '' shell
docker run --rm --network none --entrypoint echo shell a b
docker run --rm --network none -v vol:/v -v /tmp:/tmp:ro --tmpfs /t:ro --shm-size 1m shell sh -c 'touch /v/x; touch /tmp/x; touch /t/x; df -k /dev/shm | tail -n 1'
docker run --rm --network none --cap-drop ALL --cap-add CHOWN --security-opt no-new-privileges shell grep -e CapEff -e NoNewPrivs /proc/self/status
docker run --rm --network none --ulimit nofile=100:200 shell sh -c 'ulimit -n; ulimit -Hn'
docker run --rm --network none -m 64m --pids-limit 50 --cpus 0.5 --cpuset-cpus 0 shell grep -e Cpus_allowed_list /proc/self/status
docker run --rm --network none --env-file /nosuch shell true
docker run --rm --network none -l a=b --label-file /nosuch shell true
docker run --rm --network none --add-host h:1.2.3.4 shell grep 1.2.3.4 /etc/hosts
docker run --rm --add-host h:1.2.3.4 --dns 9.9.9.9 --dns-search x.y shell sh -c 'grep 1.2.3.4 /etc/hosts; grep -v -e ^# -e ^$ /etc/resolv.conf | sort'
mkdir ctx && printf 'FROM shell\nARG A=1\nENV B=$A\nLABEL l=m\nCOPY f /f\nRUN cat /f; echo $B >/b\nCMD ["cat", "/b"]\n' >ctx/Dockerfile && echo text >ctx/f
# What only changes the configuration runs nowhere here.
docker build -t built:1 --build-arg A=2 ctx 2>/dev/null | grep -v -e Running -e Removing
docker build -t built:1 --build-arg A=2 ctx 2>/dev/null | grep -c 'Using cache'
docker build -t built:1 --build-arg A=2 --build-arg NOSUCH=1 --build-arg no_proxy=x ctx 2>/dev/null | grep -A1 Warning
printf 'ARG B=shell\nFROM $B AS one\nARG B\nRUN echo [$B]\nFROM one\nCOPY --from=3 /x /y\n' | docker build - 2>/dev/null | grep -v -e Running -e Removing
docker build -q -t built:2 ctx 2>/dev/null
docker run --rm --network none built:1
docker image inspect -f '{{.Config.Env}} {{.Config.Labels}} {{.Config.Cmd}}' built:1
docker build -t built:3 --target nosuch ctx 2>&1 | tail -n 1
printf 'FROM shell\nRUN false\n' | docker build - 2>&1 | tail -n 1
printf 'FROM shell\nNOSUCH x\n' | docker build - 2>&1 | tail -n 1
# Newer words, and which file it is.
> status 0
> Error response from daemon: dockerfile: dockerfile parse error on line 2: unknown instruction: NOSUCH
> --- stderr
printf 'RUN x\n' | docker build - 2>&1 | tail -n 1
# Where it is, and in which file.
> status 0
> Error response from daemon: dockerfile: dockerfile parse error on line 1: no build stage in current context
> --- stderr
docker build -f /nosuch ctx 2>&1 | tail -n 1
printf 'FROM shell\nCOPY nosuch /\n' >ctx/Bad; docker build -f ctx/Bad ctx 2>&1 | tail -n 1
# There is no .dockerignore.
> status 0
> COPY failed: file not found in build context: stat nosuch: file does not exist
> --- stderr
docker build -t UPPER ctx 2>&1 | tail -n 1
docker rmi built:1 built:2 | grep -c Untagged
docker run -d --name story -l who=story --network none shell sh -c 'sleep 1000'; docker exec story true; docker exec story sh -c 'exit 3'; docker pause story; docker unpause story; docker rename story tale; docker update -m 64m --memory-swap 64m tale; docker kill -s USR1 tale; docker restart -t 0 tale; echo x >x; docker cp x tale:/; docker cp tale:/x -  >/dev/null; docker export tale >/dev/null; docker top tale >/dev/null; docker commit tale tale:1; docker stop -t 0 tale; docker start tale; docker rm -f tale; sleep 1.1
docker events --since 1h --until 0s --filter label=who=story --format '{{.Type}} {{.Action}}' | grep -v -e pause -e kill
# 20.10 asks first even where no time is given for it, and stops what it commits
# by pausing it; a die tells its duration since 23.0.
docker events --since 1h --until 0s --filter label=who=story --format '{{.Action}} {{json .Actor.Attributes}}' | without 'exec|pause|kill|die'
docker tag tale:1 tale:2; docker rmi tale:2; docker save tale:1 >tale.tar; docker rmi tale:1; docker load -q -i tale.tar; docker rmi tale:1; sleep 1.1; docker events --since 1h --until 0s --filter type=image --format '{{.Action}} {{.Actor.Attributes.name}}' | grep -e tale
docker network create wave; docker run -d --name sea --network wave -v foam:/f shell sleep 1000; docker network create wind; docker network connect wind sea; docker network disconnect wind sea; docker rm -f sea; docker network rm wave wind; docker volume rm foam; sleep 1.1
docker events --since 1h --until 0s --filter type=network --format '{{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.type}}' | grep -e wave -e wind | uniq
docker events --since 1h --until 0s --filter type=volume --filter volume=foam --format '{{.Action}} {{json .Actor.Attributes}}'
docker image prune -af | grep -c tale
docker container prune -f >prune; docker volume rm vol; docker system df --format '{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}}' | grep -v -e Images -e Build
ROWS
}
